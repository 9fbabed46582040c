import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeMask } from '../mask/rle.js';
import { rleOfRuns } from '../mask/rle-of-runs.js';
import { resizeBilinear } from './bilinear.js';
import { SOURCE } from './kernel-wasm.js';
import { MaskUpsampler, type UpsampleSizes } from './mask-upsampler.js';

const square = (side: number) => ({ width: side, height: side });
const sizesOf = (logits: number, width: number, height: number): UpsampleSizes => ({
  logits: square(logits),
  input: { width, height },
  resized: { width, height },
  original: { width, height },
});

/** Both resizes of every pixel. */
function densely(
  logits: Float32Array,
  { logits: low, input, original }: UpsampleSizes,
  threshold: number,
): string {
  const { values } = resizeBilinear(resizeBilinear({ ...low, values: logits }, input), original);
  const pixels = Uint8Array.from(values, (value) => Number(value > threshold));
  return encodeMask(pixels, original.width, original.height).counts;
}

describe('the kernel of upsampling', () => {
  it('is compiled from the source beside it', () => {
    const source = readFileSync(new URL('../../assembly/upsample.ts', import.meta.url));
    expect(createHash('sha256').update(source).digest('hex')).toBe(SOURCE);
  });

  it('keeps upsamplers of different sizes apart that take turns, and serves any sizes after another', () => {
    const all = [sizesOf(8, 40, 30), sizesOf(8, 40, 30), sizesOf(5, 300, 200), sizesOf(40, 9, 700)];
    for (let round = 0; round < 3; round++) {
      const upsamplers = all.map((sizes) => new MaskUpsampler(sizes));
      for (const threshold of [0, 0.7])
        for (const [i, sizes] of all.entries()) {
          const logits = Float32Array.from({ length: sizes.logits.width ** 2 }, (_, at) =>
            Math.sin(at * (i + 1.3) + round),
          );
          const { counts } = upsamplers[i]!.runsAbove(logits, threshold);
          expect(rleOfRuns({ ...sizes.original, counts }).counts).toBe(densely(logits, sizes, threshold));
        }
      for (const upsampler of upsamplers) upsampler.release();
    }
  });

  it.each([3, 5, 31, 33, 64, 67])(
    'is plain resizing for %i x %i logits, infinite ones and any threshold included',
    (side) => {
      for (const sizes of [
        sizesOf(side, 90, 70),
        sizesOf(side, 2 * side, 2 * side),
        sizesOf(side, side, side),
      ])
        // The second lies between two numbers of single precision, the last two beyond them.
        for (const threshold of [0, 0.1, -0.1, -1e-60, 1e300, -Infinity])
          for (const rare of [undefined, Infinity, -Infinity, NaN, Math.fround(0.1)]) {
            const logits = Float32Array.from({ length: side * side }, (_, at) =>
              rare !== undefined && at % 13 === 5 ? rare : Math.sin(at * 0.9) + Math.cos(at / side),
            );
            const { counts } = new MaskUpsampler(sizes).runsAbove(logits, threshold);
            expect(rleOfRuns({ ...sizes.original, counts }).counts).toBe(densely(logits, sizes, threshold));
          }
    },
  );

  it('gives masks of more runs than are taken away at a time', () => {
    const sizes = sizesOf(200, 200, 200);
    const logits = Float32Array.from({ length: 200 * 200 }, (_, i) => ((i + Math.floor(i / 200)) % 2) - 0.5);
    const { counts, area, box } = new MaskUpsampler(sizes).runsAbove(logits, 0);
    expect(counts.length).toBeGreaterThan(30_000);
    expect([area, box]).toEqual([20_000, [0, 0, 200, 200]]);
    expect(rleOfRuns({ ...sizes.original, counts }).counts).toBe(densely(logits, sizes, 0));
  });
});
