import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atOnce,
  resizeBilinear,
  type ImageView,
  type Plane,
  type Rectangle,
  type TilePlan,
} from '@maskloom/core';
import { noise } from '@maskloom/core/conformance';
import { windowStarts } from '../views/cut-views.js';
import { RunningArgmax } from './running-argmax.js';
import { sigmoid } from './sigmoid.js';
import { Stitcher, type CanvasScores } from './stitcher.js';

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

  it('are put together as the plain form does to the bit, whole or in parts, and never score above their bound', () => {
    fc.assert(
      fc.property(
        geometry,
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        ({ window, more, overlap, global }, seed, corners) => {
          const tiles = plan(window, window + more, overlap, global);
          const [rows, columns] = [3 + (seed % 9), 4 + (seed % 7)];
          const stitcher = new Stitcher(tiles, rows, columns);
          const maps = tiles.views.map((_, i) => noise(rows * columns, seed + i).map((value) => 5 * value));
          const whole = plainly(tiles, maps, rows, columns);
          const { width, height } = tiles.canvas;
          expect([...stitcher.stitch(maps).values]).toEqual([...whole]);
          const scores = stitcher.scores(maps);
          for (const value of whole) expect(value).toBeLessThanOrEqual(scores.bound());
          const [a = 0, b = 0, c = 0, d = 0] = corners;
          const [left, top] = [Math.floor(a * width * 0.99), Math.floor(b * height * 0.99)];
          const right = left + 1 + Math.floor(c * (width - left - 1));
          const part = { left, top, right, bottom: top + 1 + Math.floor(d * (height - top - 1)) };
          const out = new Float32Array((right - left) * (part.bottom - top)).fill(NaN);
          scores.read(part, out);
          out.forEach((value, i) => {
            const [x, y] = [left + (i % (right - left)), top + Math.floor(i / (right - left))];
            expect(value).toBe(whole[y * width + x]);
            expect(value).toBeLessThanOrEqual(scores.bound(part));
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** CAT-Seg's way of putting views together, every step in full. */
function plainly(
  { canvas, views }: TilePlan,
  maps: readonly Float32Array[],
  rows: number,
  columns: number,
): Float32Array {
  const [sum, seen] = [0, 0].map(() => new Float32Array(canvas.width * canvas.height)) as [
    Float32Array,
    Float32Array,
  ];
  let global: Float32Array | undefined;
  views.forEach(({ image, kind, x, y }, i) => {
    const plane = resizeBilinear({ width: columns, height: rows, values: maps[i] ?? sum }, image);
    const values = plane.values.map(sigmoid);
    if (kind === 'global') global = resizeBilinear({ ...plane, values }, canvas).values;
    else
      values.forEach((value, p) => {
        const at = (y + Math.floor(p / plane.width)) * canvas.width + x + (p % plane.width);
        sum[at] = (sum[at] ?? 0) + value;
        seen[at] = (seen[at] ?? 0) + 1;
      });
  });
  return sum.map((value, p) => {
    const windows = Math.fround(value / (seen[p] ?? 1));
    return global === undefined ? windows : (windows + (global[p] ?? 0)) / 2;
  });
}

/** A plane as the scores of a class. */
function scoresOf({ width, height, values }: Plane): CanvasScores {
  const whole = { left: 0, top: 0, right: width, bottom: height };
  const rows = ({ left, top, right, bottom }: Rectangle) =>
    Array.from({ length: bottom - top }, (_, y) =>
      values.slice((top + y) * width + left, (top + y) * width + right),
    );
  return {
    bound: (part = whole) => Math.max(...rows(part).flatMap((row) => [...row])),
    read: (part, out) => rows(part).forEach((row, y) => out.set(row, y * (part.right - part.left))),
  };
}

describe('the running argmax', () => {
  it('is the argmax of all classes at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 34 }),
        fc.integer({ min: 1, max: 34 }),
        fc.integer({ min: 0, max: 1000 }),
        (count, canvas, width, height, seed) => {
          // Coarse steps, so that ties happen.
          const planes = Array.from({ length: count }, (_, i) => ({
            width: canvas,
            height: canvas,
            values: noise(canvas * canvas, seed + i).map((value) => Math.round(3 * value) + 5),
          }));
          const argmax = new RunningArgmax({ width, height }, { width: canvas, height: canvas });
          const contenders = planes.map((plane, index) => ({ index, scores: scoresOf(plane) }));
          const together = 1 + (seed % 5);
          for (let i = 0; i < count; i += together) atOnce(argmax.add(contenders.slice(i, i + together)));
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
