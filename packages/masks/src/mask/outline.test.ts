import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traceOutline } from './outline.js';

const masks = fc
  .record({ width: fc.integer({ min: 1, max: 14 }), height: fc.integer({ min: 1, max: 14 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
      .map((pixels) => ({ width, height, pixels })),
  );

/** Edges crossed by a ray to the right. */
function crossings(loops: readonly (readonly number[])[], x: number, y: number): number {
  let count = 0;
  for (const loop of loops) {
    for (let i = 0; i < loop.length; i += 2) {
      const j = (i + 2) % loop.length;
      const [ax, ay, bx, by] = [loop[i] ?? 0, loop[i + 1] ?? 0, loop[j] ?? 0, loop[j + 1] ?? 0];
      if (ax === bx && ax > x && Math.min(ay, by) < y && Math.max(ay, by) > y) count++;
    }
  }
  return count;
}

function shoelace(loop: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < loop.length; i += 2) {
    const j = (i + 2) % loop.length;
    sum += (loop[i] ?? 0) * (loop[j + 1] ?? 0) - (loop[j] ?? 0) * (loop[i + 1] ?? 0);
  }
  return sum / 2;
}

/** Parts of a mask whose pixels touch by their sides, by flooding. */
function parts(pixels: Uint8Array, width: number, height: number): number {
  const left = Uint8Array.from(pixels);
  let count = 0;
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    count++;
    const queue = [start];
    left[start] = 0;
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)];
      for (const [nx, ny] of [
        [x - 1, y],
        [x + 1, y],
        [x, y - 1],
        [x, y + 1],
      ] as const) {
        const next = ny * width + nx;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height || left[next] === 0) continue;
        left[next] = 0;
        queue.push(next);
      }
    }
  }
  return count;
}

describe('traceOutline', () => {
  it('goes once around a single pixel, clockwise on the screen', () => {
    expect(traceOutline(Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), 3, 3)).toEqual([[1, 1, 2, 1, 2, 2, 1, 2]]);
  });

  it('gives nothing for an empty mask', () => {
    expect(traceOutline(new Uint8Array(12), 4, 3)).toEqual([]);
  });

  it('keeps pixels apart that touch by a corner, and makes a hole of what they close in', () => {
    expect(traceOutline(Uint8Array.of(1, 0, 0, 1), 2, 2)).toEqual([
      [0, 0, 1, 0, 1, 1, 0, 1],
      [1, 1, 2, 1, 2, 2, 1, 2],
    ]);
    // A ring of one part whose ends meet at a corner only: its outline would pass there twice.
    const ring = Uint8Array.of(1, 1, 0, 1, 0, 1, 1, 1, 1);
    const loops = traceOutline(ring, 3, 3);
    expect(loops.map(shoelace).sort((a, b) => a - b)).toEqual([-1, 8]);
  });

  it('encloses exactly the mask by the even-odd rule; every outline is simple, and there is one round every part', () => {
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        const loops = traceOutline(pixels, width, height);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            expect(crossings(loops, x + 0.5, y + 0.5) % 2).toBe(pixels[y * width + x]);
        for (const loop of loops) {
          const corners = Array.from(
            { length: loop.length / 2 },
            (_, i) => `${loop[2 * i]},${loop[2 * i + 1]}`,
          );
          expect(new Set(corners).size).toBe(corners.length);
        }
        expect(loops.filter((loop) => shoelace(loop) > 0)).toHaveLength(parts(pixels, width, height));
        expect(loops.reduce((sum, loop) => sum + shoelace(loop), 0)).toBe(
          pixels.reduce((sum, bit) => sum + bit, 0),
        );
      }),
      { numRuns: 300 },
    );
  });
});
