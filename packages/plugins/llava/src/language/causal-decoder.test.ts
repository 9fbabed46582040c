import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { localTensor, type HostTensor, type ModelSession } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { CausalDecoder } from './causal-decoder.js';

/** Two MiB a token, so that two of them are remembered. */
const WIDTH = 2 ** 19;

/** A token's embedding is its id over and over; calls take so long, in turn. */
function embedding(waits: number[], asked: number[][]): ModelSession {
  return {
    id: 'token-embedding',
    device: 'cpu',
    inputs: [],
    outputs: [],
    run: async ({ input_ids }) => {
      const ids = [...((input_ids as HostTensor).data as BigInt64Array)].map(Number);
      asked.push(ids);
      await delay(waits.shift() ?? 0);
      const data = new Float32Array(ids.length * WIDTH);
      ids.forEach((id, n) => data.fill(id, n * WIDTH, (n + 1) * WIDTH));
      return { inputs_embeds: localTensor([1, ids.length, WIDTH], data) };
    },
  };
}

const firstOf = ({ data, dims }: HostTensor): number[] =>
  Array.from({ length: dims[1] ?? 0 }, (_, n) => Number(data[n * WIDTH]));

it('embeds tokens once, and keeps those of one prompt while another pushes them out', async () => {
  const asked: number[][] = [];
  const sessions = embedding([0, 40, 0], asked);
  const decoder = new CausalDecoder(sessions, { ...sessions, id: 'language-model' });
  expect(firstOf(await decoder.embed([1, 2, 1], fakeRun()))).toEqual([1, 2, 1]);
  const slow = decoder.embed([2, 3, 1], fakeRun());
  const quick = decoder.embed([4, 5, 6], fakeRun());
  expect(firstOf(await quick)).toEqual([4, 5, 6]);
  expect(firstOf(await slow)).toEqual([2, 3, 1]);
  expect(asked).toEqual([[1, 2], [3], [4, 5, 6]]);
});
