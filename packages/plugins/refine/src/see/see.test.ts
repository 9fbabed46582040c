import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageTransform } from '@maskloom/core';
import { candidatePatches } from './candidate-patches.js';
import { MASK_LOGIT, previousLogits } from './previous-logits.js';

const box = (x: number, y: number, width: number, height: number) =>
  ({ frame: 'ImagePx', x, y, width, height }) as const;

describe('candidatePatches', () => {
  it('are those whose centres lie in the box', () => {
    const grid = { rows: 4, columns: 4 };
    const image = { width: 80, height: 40 };
    // Centres at x 10, 30, 50, 70 and y 5, 15, 25, 35.
    expect(candidatePatches(box(10, 5, 20, 11), image, grid)).toEqual([0, 4]);
    expect(candidatePatches(box(10, 5, 21, 10), image, grid)).toEqual([0, 1]);
    expect(candidatePatches(box(52, 26, 4, 4), image, grid)).toEqual([10]);
    expect(candidatePatches(box(-50, -50, 10, 10), image, grid)).toEqual([0]);
    expect(candidatePatches(box(0, 0, 80, 40), image, grid)).toHaveLength(16);
  });

  it('are never none, and always on the grid', () => {
    const side = fc.double({ min: -200, max: 200, noNaN: true });
    const length = fc.double({ min: 0.01, max: 200, noNaN: true });
    fc.assert(
      fc.property(side, side, length, length, (x, y, width, height) => {
        const found = candidatePatches(
          box(x, y, width, height),
          { width: 96, height: 64 },
          { rows: 6, columns: 5 },
        );
        expect(found.length).toBeGreaterThan(0);
        expect(found.every((patch) => patch >= 0 && patch < 30)).toBe(true);
        expect([...found].sort((a, b) => a - b)).toEqual(found);
      }),
    );
  });
});

describe('previousLogits', () => {
  it('takes the pixel under each cell’s centre; padding is outside', () => {
    // 4 x 2 image, scaled to 8 x 4 of an 8 x 8 input; a prompt of 4 x 4: each cell covers one pixel.
    const transform: ImageTransform<'SamPx'> = {
      frame: 'SamPx',
      original: { width: 4, height: 2 },
      resized: { width: 8, height: 4 },
      input: { width: 8, height: 8 },
      scaleX: 2,
      scaleY: 2,
      offsetX: 0,
      offsetY: 0,
    };
    const mask = { width: 4, height: 2, pixels: Uint8Array.of(1, 0, 0, 1, 0, 1, 0, 0) };
    const [o, x] = [-MASK_LOGIT, MASK_LOGIT];
    expect([...previousLogits(mask, transform, 4)]).toEqual([x, o, o, x, o, x, o, o, o, o, o, o, o, o, o, o]);
  });
});
