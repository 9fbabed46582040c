import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageTransform } from './frames.js';
import { cellCentre, fromFrame, toFrame } from './transform.js';

const sam: ImageTransform<'SamPx'> = {
  frame: 'SamPx',
  original: { width: 640, height: 480 },
  resized: { width: 1024, height: 768 },
  input: { width: 1024, height: 1024 },
  scaleX: 1.6,
  scaleY: 1.6,
  offsetX: 0,
  offsetY: 0,
};
/** CLIP: shortest side 480 to 336, centre crop of 448 x 336. */
const clip: ImageTransform<'ClipPx'> = {
  frame: 'ClipPx',
  original: { width: 640, height: 480 },
  resized: { width: 448, height: 336 },
  input: { width: 336, height: 336 },
  scaleX: 0.7,
  scaleY: 0.7,
  offsetX: 56,
  offsetY: 0,
};

describe('frames', () => {
  it('maps points and keeps their labels', () => {
    const points = {
      frame: 'ImagePx',
      xy: Float32Array.of(0, 0, 320, 240),
      labels: Int8Array.of(1, -1),
    } as const;
    expect(toFrame(points, sam)).toEqual({
      frame: 'SamPx',
      xy: Float32Array.of(0, 0, 512, 384),
      labels: Int8Array.of(1, -1),
    });
    expect(toFrame(points, clip)).toEqual({
      frame: 'ClipPx',
      xy: Float32Array.of(-56, 0, 168, 168),
      labels: Int8Array.of(1, -1),
    });
  });

  it('maps boxes by corner and size', () => {
    const box = { frame: 'ImagePx', x: 80, y: 10, width: 100, height: 20 } as const;
    expect(toFrame(box, clip)).toMatchObject({
      frame: 'ClipPx',
      x: expect.closeTo(0, 9) as number,
      y: expect.closeTo(7, 9) as number,
      width: 70,
      height: 14,
    });
  });

  it('puts the centre of cell (0, 0) of 24 x 24 over 336 at 7, and where READ puts it in the image', () => {
    const grid = { rows: 24, columns: 24, transform: clip };
    expect(cellCentre(grid, 0, 0)).toEqual({ x: 7, y: 7 });
    const centre = { frame: 'ClipPx', xy: Float32Array.of(7, 7), labels: Int8Array.of(1) } as const;
    // (W - m) / 2 + 0.5 m / T with W = 640, m = 480, T = 24.
    expect([...fromFrame(centre, clip).xy]).toEqual([90, 10]);
  });

  it('comes back to where it was, and leaves its input alone', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.integer({ min: 0, max: 400 }),
        fc.nat(4999),
        fc.nat(4999),
        (w, h, rw, rh, offset, x, y) => {
          const transform: ImageTransform<'ClipPx'> = {
            frame: 'ClipPx',
            original: { width: w, height: h },
            resized: { width: rw, height: rh },
            input: { width: 336, height: 336 },
            scaleX: rw / w,
            scaleY: rh / h,
            offsetX: offset,
            offsetY: 0,
          };
          const box = { frame: 'ImagePx', x, y, width: 3, height: 4 } as const;
          const back = fromFrame(toFrame(box, transform), transform);
          expect(back.x).toBeCloseTo(x, 6);
          expect(back.y).toBeCloseTo(y, 6);
          expect([back.width, back.height, back.frame]).toEqual([
            expect.closeTo(3, 9),
            expect.closeTo(4, 9),
            'ImagePx',
          ]);
          const points = { frame: 'ImagePx', xy: Float32Array.of(x, y), labels: Int8Array.of(0) } as const;
          toFrame(points, transform).xy.fill(9);
          expect([...points.xy]).toEqual([x, y]);
        },
      ),
    );
  });
});
