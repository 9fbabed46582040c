import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Prng } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { MOST_IMAGES } from './block-sums.js';
import { BLOCK } from './estimator.js';
import { SOURCE } from './kernel-wasm.js';
import { WeightedSums } from './weighted-sums.js';

/** Some values below `limit`, [image, group, value]. */
function drawValues(prng: Prng, images: number, groups: number, limit: number): [number, number, number][] {
  const count = prng.int(3 * images * groups);
  const values = Array.from({ length: count }, (): [number, number, number] => [
    prng.int(images),
    prng.int(groups),
    Math.floor(limit * prng.unit() ** 4),
  ]);
  return values.sort(([a], [b]) => a - b);
}

function sumsOf(
  values: readonly (readonly [number, number, number])[],
  images: number,
  groups: number,
): WeightedSums {
  return new WeightedSums(groups, images, (image, add) => {
    for (const [of, group, value] of values) if (of === image) add(group, value);
  });
}

describe('weighted sums', () => {
  it('come from a kernel that is compiled from the source beside it', () => {
    const source = readFileSync(new URL('../../assembly/sums.ts', import.meta.url));
    expect(createHash('sha256').update(source).digest('hex')).toBe(SOURCE);
  });

  it.each([2, 2 ** 15, 2 ** 15 + 1, 2 ** 24, 2 ** 31, 2 ** 44])(
    'of values below %i are exact, one draw or eight',
    (limit) => {
      for (let seed = 0; seed < 25; seed++) {
        const prng = new Prng(seed, limit);
        const [images, groups] = [1 + prng.int(12), 1 + prng.int(6)];
        const values = drawValues(prng, images, groups, limit);
        const sums = sumsOf(values, images, groups);
        // Twice, since what is laid into memory stays there.
        for (let time = 0; time < 2; time++) {
          const weights = new Int32Array(BLOCK * images);
          for (let d = 0; d < BLOCK; d++) prng.tally(images, images, weights, BLOCK, d);
          const block = sums.ofBlock!(weights);
          for (let d = 0; d < BLOCK; d++) {
            const single = Float64Array.from({ length: images }, (_, i) => weights[BLOCK * i + d]!);
            const exact = new Array<bigint>(groups).fill(0n);
            for (const [image, group, value] of values) {
              exact[group]! += BigInt(value) * BigInt(single[image]!);
            }
            expect([...sums.of(single)]).toEqual(exact.map(Number));
            expect(exact.map((_, group) => block[BLOCK * group + d])).toEqual(exact.map(Number));
          }
        }
      }
    },
  );

  it('do not overflow with as many images as there may be, nor with one of them alone', () => {
    const value = 2 ** 30 - 1;
    const sums = new WeightedSums(1, MOST_IMAGES, (_, add) => add(0, value));
    const weights = new Int32Array(BLOCK * MOST_IMAGES);
    for (let i = 0; i < MOST_IMAGES; i++) weights[BLOCK * i] = 1;
    weights[BLOCK * (MOST_IMAGES - 1) + 7] = MOST_IMAGES;
    expect([...sums.ofBlock!(weights)]).toEqual([
      value * MOST_IMAGES,
      ...[0, 0, 0, 0, 0, 0],
      value * MOST_IMAGES,
    ]);
  });

  it('of more images are summed a draw at a time', () => {
    const sums = new WeightedSums(1, MOST_IMAGES + 1, (image, add) => image % 2 === 0 && add(0, image));
    expect(sums.ofBlock).toBeUndefined();
    expect([...sums.of(new Float64Array(MOST_IMAGES + 1).fill(2))]).toEqual([2 ** 14 * (2 ** 15 - 2)]);
  });
});
