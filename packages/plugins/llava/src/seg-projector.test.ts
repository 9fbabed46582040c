import { describe, expect, it } from 'vitest';
import { hostTensor, type QueryProjector } from '@maskloom/core';
import { conformanceCases, fakeHost, fakeRun, fakeTensor, type FakeHost } from '@maskloom/core/conformance';
import { segProjector } from './seg-projector.js';

/** A projection from width 2 to [N, 1, 3]: the sum, the difference and the product. */
function host(): FakeHost {
  const segProjection = {
    inputs: [{ name: 'hidden', dtype: 'float32' as const, shape: ['N', 2] }],
    outputs: [{ name: 'embeddings', dtype: 'float32' as const, shape: ['N', 1, 3] }],
    run: ({ hidden }: Readonly<Record<string, { data: unknown } | undefined>>) => {
      const rows = hidden?.data as Float32Array;
      const count = rows.length / 2;
      const out = Array.from({ length: count }, (_, n) => {
        const [a = 0, b = 0] = rows.subarray(2 * n, 2 * n + 2);
        return [a + b, a - b, a * b];
      });
      return { embeddings: hostTensor('float32', [count, 1, 3], Float32Array.from(out.flat())) };
    },
  };
  return fakeHost({ models: { segProjection } });
}
const build = async (): Promise<QueryProjector> =>
  segProjector().create({ models: host(), signal: new AbortController().signal, warn: () => undefined });
const state = (...values: number[]) => fakeTensor('float32', [1, values.length], Float32Array.from(values));

describe('segProjector', () => {
  it('projects all states in one call, in order, with widths from its model', async () => {
    const projector = await build();
    expect(projector.widths).toEqual({ hidden: 2, embedding: 3 });
    const embeddings = await projector.project([state(1, 2), state(5, 3)], fakeRun());
    expect(embeddings.dims).toEqual([2, 1, 3]);
    expect([...(await embeddings.read())]).toEqual([3, -1, 2, 8, 2, 15]);
  });

  it.each([
    ['no states', []],
    ['states of unequal width', [state(1, 2), state(1)]],
  ])('refuses %s', async (_, states) => {
    await expect((await build()).project(states, fakeRun())).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  const sizes = { hidden: 2, embedding: 3 };
  it.each(
    conformanceCases('QueryProjector', segProjector(), { host, sizes }).map((c) => [c.name, c] as const),
  )('%s', (_, c) => c.run());
});
