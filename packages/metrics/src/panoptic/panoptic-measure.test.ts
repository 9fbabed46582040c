import { encodeMask } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { maskIn, measuresGolden } from '../measures-golden.test-helper.js';
import type { PanopticShape } from './count-panoptic.js';
import { panopticMeasure } from './panoptic-measure.js';

const golden = measuresGolden().panoptic;
const measure = panopticMeasure({ categories: golden.categories });

describe('panoptic quality', () => {
  it('equals the counting of the panoptic API to 1e-12, crowds and void included', () => {
    const sums = measure.accumulator();
    const totals = golden.categories.map(() => [0, 0, 0, 0]);
    golden.images.forEach((image, i) => {
      const shape = ([categoryId, counts, crowd]: [number, string, 0 | 1]): PanopticShape => ({
        categoryId,
        mask: maskIn(image, counts),
        crowd: crowd === 1,
      });
      const part = measure.count({
        truths: image.truths.map(shape),
        predictions: image.predictions.map(shape),
      });
      for (const [category, ...row] of part) {
        row.forEach((value, k) => {
          const total = totals[category] as number[];
          total[k] = (total[k] as number) + value;
        });
      }
      sums.add(i, measure.parsePart(JSON.parse(JSON.stringify(part))));
    });
    totals.forEach((total, c) => {
      expect(total.slice(0, 3)).toEqual(golden.stat[c]?.slice(0, 3));
      expect(total[3]).toBeCloseTo(golden.stat[c]?.[3] ?? NaN, 12);
    });
    const { figures } = sums.result({ draws: 50 });
    for (const [name, value] of Object.entries(golden.figures)) {
      expect(figures[name]?.value, name).toBeCloseTo(value, 12);
      expect(figures[name]?.interval, name).not.toBeNull();
    }
    for (const [name, value] of Object.entries(golden.classes)) {
      expect(figures[`PQ ${name}`]?.value, name).toBeCloseTo(value, 12);
    }
  });

  it('refuses segments that overlap, are empty or of no category', () => {
    const one = encodeMask(Uint8Array.of(1, 1, 0, 0), 2, 2);
    const invalid = (where: string): Error =>
      expect.objectContaining({ code: 'VALUE_INVALID', where }) as Error;
    const shape = { categoryId: 10, mask: one };
    expect(() => measure.count({ truths: [shape, shape], predictions: [] })).toThrow(invalid('truth'));
    expect(() => measure.count({ truths: [], predictions: [{ ...shape, categoryId: 11 }] })).toThrow(
      invalid('prediction 0'),
    );
    const empty = encodeMask(new Uint8Array(4), 2, 2);
    expect(() => measure.count({ truths: [{ ...shape, mask: empty }], predictions: [] })).toThrow(
      invalid('truth 0'),
    );
  });

  it('forgives predictions in pixels that nobody claims', () => {
    expect(
      measure.count({
        truths: [],
        predictions: [{ categoryId: 10, mask: encodeMask(Uint8Array.of(1), 1, 1) }],
      }),
    ).toEqual([]);
  });
});
