import { describe, expect, it } from 'vitest';
import { NEUTRAL_ONLY, selectPoints, thresholdsFor } from './select-points.js';
import { minMax, resizeGrid } from './score-grid.js';

const grid = (rows: number, columns: number, values: number[]) => ({
  rows,
  columns,
  values: Float32Array.from(values),
});
const compact = (list: readonly { cell: number; label: number }[]) => list.map((c) => [c.cell, c.label]);

describe('selectPoints', () => {
  const limits = { positive: 0.8, negative: 0.2 };

  it('orders positives by falling, negatives by rising score, neutrals by place', () => {
    const scores = grid(2, 4, [0.1, 0.85, 0.5, 1, 0, 0.9, 0.3, 0.2]);
    expect(compact(selectPoints(scores, limits, 8))).toEqual([
      [3, 1],
      [5, 1],
      [1, 1],
      [4, 0],
      [0, 0],
      [7, 0],
      [2, -1],
      [6, -1],
    ]);
  });

  it('counts a score equal to a threshold, compared in float32', () => {
    expect(compact(selectPoints(grid(1, 2, [0.8, 0.2]), limits, 2))).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('keeps raster order between equal scores and cuts without balancing', () => {
    const scores = grid(1, 5, [1, 0, 1, 1, 0]);
    expect(compact(selectPoints(scores, limits, 2))).toEqual([
      [0, 1],
      [2, 1],
    ]);
  });

  it('never chooses cells outside what was seen, whatever the thresholds', () => {
    const scores = grid(1, 4, [-1, 0.5, -1, 0]);
    expect(compact(selectPoints(scores, { positive: 0.9, negative: -0.3 }, 4))).toEqual([
      [1, -1],
      [3, -1],
    ]);
  });

  it('makes everything neutral when told that the grid is flat', () => {
    expect(compact(selectPoints(grid(1, 3, [0, -1, 0]), NEUTRAL_ONLY, 3))).toEqual([
      [0, -1],
      [2, -1],
    ]);
  });
});

describe('thresholdsFor', () => {
  it('follows Algorithm 1: mean +/- epsilon population deviations (1, 0, 0, 0: mean 1/4, sigma sqrt(3)/4)', () => {
    const { positive, negative } = thresholdsFor(grid(2, 2, [1, 0, 0, 0]), {
      mode: 'meanSigma',
      epsilon: 0.5,
    });
    expect(positive).toBeCloseTo(0.25 + Math.sqrt(3) / 8, 12);
    expect(negative).toBeCloseTo(0.25 - Math.sqrt(3) / 8, 12);
  });
});

describe('score grids', () => {
  it('halves a grid by the mean of 2 x 2 cells', () => {
    const pooled = resizeGrid(
      grid(
        4,
        4,
        Array.from({ length: 16 }, (_, i) => i),
      ),
      2,
      2,
    );
    expect([...pooled.values]).toEqual([2.5, 4.5, 10.5, 12.5]);
  });

  it('normalises to 0..1, and has no value for a flat grid', () => {
    expect([...(minMax(grid(1, 3, [2, 6, 4]))?.values ?? [])]).toEqual([0, 1, 0.5]);
    expect(minMax(grid(1, 2, [3, 3]))).toBeUndefined();
  });
});
