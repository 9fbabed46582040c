import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTensor, type Tensor } from '@maskloom/core';
import { fakeRun, type FakeHost } from '@maskloom/core/conformance';
import { openEmbeddingDecoder } from './decode-embeddings.js';
import {
  choosingHost,
  embeddingOf,
  logitsOf,
  noise,
  statesOf,
  tokenizer,
  toyHost,
  WIDTH,
} from './fake-language.test.helper.js';

const BIAS = [0, 0.3, 0, 0, 0, 0, 0, 0.6, 0.6, 0.6, 0.6, 0.9];
const rowsOf = (count: number, seed: number): number[][] =>
  Array.from({ length: count }, (_, n) =>
    Array.from({ length: WIDTH }, (_, d) => Math.fround(3 * noise(seed + n * WIDTH + d))),
  );
const tensorOf = (rows: readonly (readonly number[])[]): Tensor =>
  localTensor([rows.length, WIDTH], Float32Array.from(rows.flat()));
const open = (host: FakeHost, batch = 128) => openEmbeddingDecoder(host, { batch });

/** The name of one embedding from whole sequences, without a cache or a batch. */
function reference(row: readonly number[]): string {
  const before = [0, ...tokenizer.encode('USER:')].map(embeddingOf);
  const behind = tokenizer.encode(' it is ASSISTANT:').map(embeddingOf);
  const ids: number[] = [];
  for (;;) {
    const states = statesOf([...before, [...row], ...behind, ...ids.map(embeddingOf)]);
    const logits = logitsOf(states.at(-1) ?? [], BIAS);
    const next = logits.indexOf(Math.max(...logits));
    if (next !== 1) ids.push(next);
    if (next === 1 || next === 11 || ids.length === 5) break;
  }
  return tokenizer.decode(ids).split('.')[0]?.trim() ?? '';
}

describe('openEmbeddingDecoder', () => {
  it('writes what each embedding gives alone, whatever the batch', async () => {
    const lengths = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.nat(5000),
        fc.constantFrom(1, 2, 128),
        async (n, seed, batch) => {
          const rows = rowsOf(n, seed);
          const decoder = await open(toyHost(BIAS), batch);
          const together = await decoder.decode(tensorOf(rows), fakeRun());
          expect(together.map(({ text }) => text)).toEqual(rows.map(reference));
          for (const [i, row] of rows.entries()) {
            const [alone] = await decoder.decode(tensorOf([row]), fakeRun());
            expect(alone?.text).toBe(together[i]?.text);
            expect(alone?.score).toBeCloseTo(together[i]?.score ?? NaN, 6);
            lengths.add(alone?.text.split(' ').length ?? 0);
          }
        },
      ),
      { numRuns: 40 },
    );
    // Rows that end early and rows that run into the limit went side by side.
    expect(lengths.size).toBeGreaterThan(1);
  });

  it('reads the shared part once for all images, and all rows in one call per token', async () => {
    const host = toyHost(BIAS);
    const decoder = await open(host);
    const calls = (): number => host.runs.filter((role) => role === 'languageModel').length;
    await decoder.decode(tensorOf(rowsOf(20, 1)), fakeRun({ scope: host.scope() }));
    const first = calls();
    expect(first).toBeLessThanOrEqual(1 + 5);
    await decoder.decode(tensorOf(rowsOf(20, 1)), fakeRun({ scope: host.scope() }));
    expect(calls() - first).toBe(first - 1);
  });

  it('decodes nothing to nothing, and starts no model for it', async () => {
    const host = toyHost(BIAS);
    expect(await (await open(host)).decode(tensorOf([]), fakeRun())).toEqual([]);
    expect(host.runs).toEqual([]);
  });

  it('keeps the shared cache with the model between images, and nothing once disposed of', async () => {
    const host = toyHost(BIAS);
    const decoder = await open(host);
    const decode = async (seed: number): Promise<number> => {
      const run = fakeRun({ scope: host.scope() });
      await decoder.decode(tensorOf(rowsOf(3, seed)), run);
      run.scope.release();
      return host.liveTensors;
    };
    // One layer's key and value.
    expect([await decode(9), await decode(10)]).toEqual([2, 2]);
    decoder.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.liveTensors).toBe(0);
    expect(await decode(11)).toBe(2);
  });

  it('asks for the logits of the last position alone where the graph can choose', async () => {
    const asked: number[][] = [];
    const rows = rowsOf(5, 77);
    const chosen = await open(choosingHost(BIAS, asked));
    const plain = await open(toyHost(BIAS));
    expect(await chosen.decode(tensorOf(rows), fakeRun())).toEqual(
      await plain.decode(tensorOf(rows), fakeRun()),
    );
    // The shared part wants none; then the last of the embedding and the tokens behind it; then each new token.
    const behind = tokenizer.encode(' it is ASSISTANT:').length;
    expect(asked.slice(0, 3)).toEqual([[], [behind], [0]]);
  });

  it('gives a probability as score', async () => {
    const written = await (await open(toyHost(BIAS))).decode(tensorOf(rowsOf(9, 3)), fakeRun());
    for (const { score } of written) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });

  it('refuses embeddings of another width', async () => {
    const decoder = await open(toyHost(BIAS));
    await expect(decoder.decode(localTensor([1, 3], new Float32Array(3)), fakeRun())).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  it('tries again after a reading of the shared part that was abandoned', async () => {
    const host = toyHost(BIAS);
    const decoder = await open(host);
    const signal = AbortSignal.abort(new Error('gone'));
    const [abandoned, other] = await Promise.allSettled([
      decoder.decode(tensorOf(rowsOf(2, 5)), fakeRun({ signal })),
      decoder.decode(tensorOf(rowsOf(2, 5)), fakeRun()),
    ]);
    expect(abandoned.status).toBe('rejected');
    expect(other.status).toBe('fulfilled');
  });
});
