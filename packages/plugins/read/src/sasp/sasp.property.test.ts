import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { clipTransform } from './geometry.test.helper.js';
import { similarityToPoints, type SaspSettings } from './sasp.js';

const side = fc.integer({ min: 1, max: 300 });
const scoresOf = (rows: number) =>
  fc
    .array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
      minLength: rows * rows,
      maxLength: rows * rows,
    })
    .map((values) => ({ rows, columns: rows, values: Float32Array.from(values) }));
const settings: fc.Arbitrary<SaspSettings> = fc.record({
  downSample: fc.integer({ min: 1, max: 3 }),
  thresholds: fc.oneof(
    fc.constant({ mode: 'fixed', positive: 0.8, negative: 0.2 } as const),
    fc.record({
      mode: fc.constant('meanSigma' as const),
      epsilon: fc.double({ min: 0, max: 2, noNaN: true }),
    }),
  ),
  count: fc.integer({ min: 0, max: 80 }),
  geometry: fc.constantFrom('exact', 'compat'),
  discreteToContinuous: fc.oneof(
    fc.constant(false as const),
    fc.record({ distance: fc.constantFrom('l2', 'squared'), radius: fc.integer({ min: 1, max: 6 }) }),
  ),
});

describe('similarityToPoints', () => {
  it('keeps every point inside the image and orders labels positive, negative, neutral', () => {
    fc.assert(
      fc.property(side, side, scoresOf(8), settings, (width, height, scores, options) => {
        const { xy, labels } = similarityToPoints(scores, clipTransform(width, height, 64), options);
        expect(xy).toHaveLength(2 * labels.length);
        const rank = [...labels].map((label) => [1, 0, -1].indexOf(label));
        expect(rank).toEqual([...rank].sort((a, b) => a - b));
        for (let i = 0; i < labels.length; i++) {
          expect(xy[2 * i]).toBeGreaterThanOrEqual(0);
          expect(xy[2 * i]).toBeLessThanOrEqual(width - 1);
          expect(xy[2 * i + 1]).toBeGreaterThanOrEqual(0);
          expect(xy[2 * i + 1]).toBeLessThanOrEqual(height - 1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives exactly min(count, cells) points with exact geometry', () => {
    fc.assert(
      fc.property(scoresOf(8), settings, (scores, options) => {
        const cells = Math.floor(8 / options.downSample) ** 2;
        const points = similarityToPoints(scores, clipTransform(90, 70, 64), {
          ...options,
          geometry: 'exact',
        });
        expect(points.labels).toHaveLength(Math.min(options.count, cells));
      }),
    );
  });

  it('does not change under a positive scale and shift of the scores (powers of two: exact in float32)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 64, maxLength: 64 }),
        settings,
        (raw, options) => {
          const grid = (f: (v: number) => number) => ({
            rows: 8,
            columns: 8,
            values: Float32Array.from(raw, f),
          });
          const transform = clipTransform(100, 80, 64);
          const plain = similarityToPoints(
            grid((v) => v),
            transform,
            options,
          );
          const moved = similarityToPoints(
            grid((v) => 4 * v + 32),
            transform,
            options,
          );
          expect(moved.labels).toEqual(plain.labels);
          expect(moved.xy).toEqual(plain.xy);
        },
      ),
    );
  });

  it('a flat map gives neutral points only, in raster order, also with Algorithm 1', () => {
    const flat = { rows: 4, columns: 4, values: new Float32Array(16).fill(7) };
    for (const thresholds of [
      { mode: 'fixed', positive: 0.4, negative: 0.3 } as const,
      { mode: 'meanSigma', epsilon: 0.5 } as const,
    ]) {
      const { xy, labels } = similarityToPoints(flat, clipTransform(64, 64, 64), {
        downSample: 1,
        thresholds,
        count: 3,
        geometry: 'exact',
        discreteToContinuous: false,
      });
      expect([...labels]).toEqual([-1, -1, -1]);
      expect([...xy]).toEqual([8, 8, 24, 8, 40, 8]);
    }
  });

  it('interpolation moves an interior point by hundredths of a pixel with the squared distance, on a photo', () => {
    const values = Float32Array.from({ length: 576 }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
    const scores = { rows: 24, columns: 24, values };
    const base = {
      downSample: 2,
      thresholds: { mode: 'fixed', positive: 0.8, negative: 0.2 },
      count: 144,
      geometry: 'exact',
    } as const;
    const transform = clipTransform(640, 480, 336);
    const hard = similarityToPoints(scores, transform, { ...base, discreteToContinuous: false });
    const soft = similarityToPoints(scores, transform, {
      ...base,
      discreteToContinuous: { distance: 'squared', radius: 6 },
    });
    const shifts = [...hard.xy].map((v, i) => Math.abs(v - (soft.xy[i] ?? NaN)));
    expect(Math.max(...shifts)).toBeLessThan(0.06);
    expect(Math.max(...shifts)).toBeGreaterThan(0.001);
  });
});
