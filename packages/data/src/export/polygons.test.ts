import { encodeMask, maskArea } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillEvenOdd } from './fill.test-helper.js';
import { maskPolygons } from './polygons.js';

/** Random masks, dense and sparse ones, and frames within frames. */
const masks = fc
  .record({
    width: fc.integer({ min: 1, max: 16 }),
    height: fc.integer({ min: 1, max: 16 }),
    most: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ width, height, most }) =>
    fc
      .uint8Array({ min: 0, max: most, minLength: width * height, maxLength: width * height })
      .map((values) => ({ width, height, pixels: values.map((value) => (value === 0 ? 0 : 1)) })),
  );

function shoelace(loop: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < loop.length; i += 2) {
    const j = (i + 2) % loop.length;
    sum += (loop[i] ?? 0) * (loop[j + 1] ?? 0) - (loop[j] ?? 0) * (loop[i + 1] ?? 0);
  }
  return sum / 2;
}

describe('maskPolygons', () => {
  it('gives every mask back when filled, and every part by itself: its holes are those in it', () => {
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        const mask = encodeMask(pixels, width, height);
        const polygons = maskPolygons(mask);
        const all = new Uint8Array(width * height);
        for (const { outer, holes } of polygons) {
          expect(shoelace(outer)).toBeGreaterThan(0);
          for (const hole of holes) expect(shoelace(hole)).toBeLessThan(0);
          const own = fillEvenOdd([outer, ...holes], width, height);
          const area = [outer, ...holes].reduce((sum, loop) => sum + shoelace(loop), 0);
          expect(own.reduce((sum, bit) => sum + bit, 0)).toBe(area);
          own.forEach((bit, i) => (all[i] = (all[i] ?? 0) + bit));
        }
        expect(all).toEqual(pixels);
      }),
      { numRuns: 400 },
    );
  });

  it('puts a ring inside the hole of another where it belongs', () => {
    const size = 9;
    const pixels = Uint8Array.from({ length: size * size }, (_, i) => {
      const depth = Math.min(
        i % size,
        size - 1 - (i % size),
        Math.floor(i / size),
        size - 1 - Math.floor(i / size),
      );
      return depth % 2 === 0 ? 1 : 0;
    });
    const polygons = maskPolygons(encodeMask(pixels, size, size));
    expect(polygons.map(({ outer, holes }) => [shoelace(outer), ...holes.map(shoelace)])).toEqual([
      [81, -49],
      [25, -9],
      [1],
    ]);
  });

  it('leaves out corners within the tolerance, and none farther away', () => {
    fc.assert(
      fc.property(
        masks,
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        ({ width, height, pixels }, tolerance) => {
          const mask = encodeMask(pixels, width, height);
          const exact = maskPolygons(mask);
          const simple = maskPolygons(mask, { tolerance });
          expect(simple).toHaveLength(exact.length);
          exact.forEach(({ outer, holes }, i) => {
            const after = simple[i] ?? { outer: [], holes: [] };
            [outer, ...holes].forEach((loop, k) => {
              const kept = [after.outer, ...after.holes][k] ?? [];
              expect(kept.length).toBeGreaterThanOrEqual(6);
              expect(kept.length).toBeLessThanOrEqual(loop.length);
              for (let at = 0; at < loop.length; at += 2)
                expect(away(kept, loop[at] ?? 0, loop[at + 1] ?? 0)).toBeLessThanOrEqual(tolerance + 1e-9);
            });
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes noise of a million pixels in seconds', () => {
    const size = 1000;
    let state = 1;
    const pixels = Uint8Array.from({ length: size * size }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 31;
    });
    const mask = encodeMask(pixels, size, size);
    const started = performance.now();
    const area = maskPolygons(mask).reduce(
      (sum, { outer, holes }) => sum + [outer, ...holes].reduce((own, loop) => own + shoelace(loop), 0),
      0,
    );
    expect(area).toBe(maskArea(mask));
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

/** Distance of a point from a closed outline. */
function away(loop: readonly number[], x: number, y: number): number {
  let least = Infinity;
  for (let i = 0; i < loop.length; i += 2) {
    const j = (i + 2) % loop.length;
    const [ax, ay] = [loop[i] as number, loop[i + 1] as number];
    const [dx, dy] = [(loop[j] as number) - ax, (loop[j + 1] as number) - ay];
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
    least = Math.min(least, Math.hypot(x - ax - along * dx, y - ay - along * dy));
  }
  return least;
}
