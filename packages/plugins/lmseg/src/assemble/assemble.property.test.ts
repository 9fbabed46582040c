import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resizeBilinear, type ImageView, type TilePlan } from '@maskloom/core';
import { noise } from '@maskloom/core/conformance';
import { windowStarts } from '../views/cut-views.js';
import { RunningArgmax } from './running-argmax.js';
import { sigmoid } from './sigmoid.js';
import { Stitcher } from './stitcher.js';

function plan(window: number, resizeTo: number, overlap: number, global: boolean): TilePlan {
  const image = { width: window, height: window, rgb: new Uint8Array(0), sha256: '' };
  const starts = windowStarts(resizeTo, window, overlap);
  const windows = starts.flatMap((y) => starts.map((x): ImageView => ({ image, kind: 'window', x, y })));
  return {
    canvas: { width: resizeTo, height: resizeTo },
    views: global ? [...windows, { image, kind: 'global', x: 0, y: 0 }] : windows,
  };
}

const geometry = fc.record({
  window: fc.integer({ min: 4, max: 20 }),
  more: fc.integer({ min: 0, max: 30 }),
  overlap: fc.double({ min: 0, max: 0.9, noNaN: true }),
  global: fc.boolean(),
});

describe('windows', () => {
  it('cover a side without leaving it', () => {
    fc.assert(
      fc.property(geometry, ({ window, more, overlap }) => {
        const starts = windowStarts(window + more, window, overlap);
        expect(starts[0]).toBe(0);
        expect((starts.at(-1) ?? 0) + window).toBe(window + more);
        starts.slice(1).forEach((start, i) => {
          expect(start - (starts[i] ?? 0)).toBeGreaterThan(0);
          expect(start - (starts[i] ?? 0)).toBeLessThanOrEqual(window);
        });
      }),
    );
  });

  it("begin where CAT-Seg's do", () => {
    expect(windowStarts(640, 384, 1 / 3)).toEqual([0, 256]);
    expect(windowStarts(213, 128, 0.333)).toEqual([0, 85]);
  });
});

describe('views', () => {
  it('that all say the same are put together to just that', () => {
    fc.assert(
      fc.property(
        geometry,
        fc.double({ min: -8, max: 8, noNaN: true }),
        ({ window, more, overlap, global }, logit) => {
          const tiles = plan(window, window + more, overlap, global);
          const stitcher = new Stitcher(tiles, 3, 3);
          const maps = tiles.views.map(() => new Float32Array(9).fill(logit));
          const { values } = stitcher.stitch(maps);
          expect(values.length).toBe((window + more) ** 2);
          for (const value of values) expect(Math.abs(value - sigmoid(logit))).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are the mean of the windows, and of that with the whole', () => {
    const tiles = plan(4, 6, 0.5, true);
    const stitcher = new Stitcher(tiles, 1, 1);
    const maps = [0, 2, -1, 3, 1].map((logit) => Float32Array.of(logit));
    const { values } = stitcher.stitch(maps);
    const [a, b, c, d, whole] = [0, 2, -1, 3, 1].map(sigmoid) as [number, number, number, number, number];
    expect(values[0]).toBeCloseTo((a + whole) / 2, 6);
    expect(values[2 * 6 + 2]).toBeCloseTo(((a + b + c + d) / 4 + whole) / 2, 6);
    expect(values[35]).toBeCloseTo((d + whole) / 2, 6);
  });

  it('never score above their bound', () => {
    fc.assert(
      fc.property(geometry, fc.integer({ min: 0, max: 1000 }), ({ window, more, overlap, global }, seed) => {
        const tiles = plan(window, window + more, overlap, global);
        const stitcher = new Stitcher(tiles, 4, 4);
        const maps = tiles.views.map((_, i) => noise(16, seed + i).map((value) => 5 * value));
        const bound = stitcher.bound(maps);
        for (const value of stitcher.stitch(maps).values) expect(value).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the running argmax', () => {
  it('is the argmax of all classes at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 0, max: 1000 }),
        (count, canvas, width, height, seed) => {
          // Coarse steps, so that ties happen.
          const planes = Array.from({ length: count }, (_, i) => ({
            width: canvas,
            height: canvas,
            values: noise(canvas * canvas, seed + i).map((value) => Math.round(3 * value) + 5),
          }));
          const argmax = new RunningArgmax({ width, height }, { width: canvas, height: canvas });
          planes.forEach((plane, i) => argmax.add(i, plane));
          const resized = planes.map((plane) => resizeBilinear(plane, { width, height }).values);
          for (let at = 0; at < width * height; at++) {
            const all = resized.map((values) => values[at] ?? NaN);
            const best = Math.max(...all);
            expect(argmax.best[at]).toBe(best);
            expect(argmax.winner[at]).toBe(all.indexOf(best));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
