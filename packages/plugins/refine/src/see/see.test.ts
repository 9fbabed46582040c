import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageTransform } from '@maskloom/core';
import { candidatePatches } from './candidate-patches.js';
import { MASK_LOGIT, previousLogits } from './previous-logits.js';

const box = (x: number, y: number, width: number, height: number) =>
  ({ frame: 'ImagePx', x, y, width, height }) as const;

/** An image scaled to a square input of 80, padded right and bottom. */
function padded(width: number, height: number): ImageTransform<'ClipPx'> {
  const scale = 80 / Math.max(width, height);
  const resized = { width: width * scale, height: height * scale };
  return {
    frame: 'ClipPx',
    original: { width, height },
    resized,
    input: { width: 80, height: 80 },
    scaleX: scale,
    scaleY: scale,
    offsetX: 0,
    offsetY: 0,
  };
}

describe('candidatePatches', () => {
  // 160 x 60 pixels become 80 x 30 of 80 x 80: centres at x 10, 30, 50, 70; at y 10 (30 and more lie in the padding).
  const grid = { rows: 4, columns: 4, transform: padded(160, 60) };

  it('are those whose centres lie in the box', () => {
    expect(candidatePatches(box(20, 20, 41, 20), grid)).toEqual([0, 1]);
    expect(candidatePatches(box(20, 20, 40, 20), grid)).toEqual([0]);
    expect(candidatePatches(box(0, 0, 160, 60), grid)).toEqual([0, 1, 2, 3]);
    const square = { rows: 4, columns: 4, transform: padded(80, 80) };
    expect(candidatePatches(box(52, 26, 20, 8), square)).toEqual([7]);
    expect(candidatePatches(box(0, 0, 80, 80), square)).toHaveLength(16);
  });

  it('are the one that holds the middle, where a box holds no centre', () => {
    expect(candidatePatches(box(44, 4, 4, 4), grid)).toEqual([1]);
    expect(candidatePatches(box(44, 50, 4, 4), grid)).toEqual([1]);
    expect(candidatePatches(box(-50, -50, 10, 10), grid)).toEqual([0]);
  });

  it('are never none, and never in the padding', () => {
    const side = fc.double({ min: -200, max: 200, noNaN: true });
    const length = fc.double({ min: 0.01, max: 200, noNaN: true });
    fc.assert(
      fc.property(side, side, length, length, (x, y, width, height) => {
        const found = candidatePatches(box(x, y, width, height), grid);
        expect(found.length).toBeGreaterThan(0);
        expect(found.every((patch) => patch >= 0 && patch < 4)).toBe(true);
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
