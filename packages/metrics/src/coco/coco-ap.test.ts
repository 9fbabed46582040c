import { readFileSync } from 'node:fs';
import { encodeMask, type RleMask } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { Prng } from '@maskloom/core';
import type { ApInput } from './ap-input.js';
import { cocoApMeasure, cocoStats, type CocoApOptions } from './coco-ap.js';

interface GoldenSet {
  kind: 'mask' | 'box';
  categories: number[];
  images: {
    id: number;
    width: number;
    height: number;
    truths: [number, string | [number, number, number, number], number, 0 | 1, 0 | 1][];
    detections: [number, number, string | [number, number, number, number]][];
  }[];
  expected: Record<'pycocotools' | 'honourIgnore' | 'classAgnostic', { stats: number[]; classes: number[] }>;
}

const { sets } = JSON.parse(
  readFileSync(new URL('../../fixtures/ap-golden.json', import.meta.url), 'utf8'),
) as { sets: GoldenSet[] };

function input({ width, height, truths, detections }: GoldenSet['images'][number]): ApInput {
  const shape = (of: string | [number, number, number, number]): { mask: RleMask } | { bbox: typeof of } =>
    typeof of === 'string' ? { mask: { size: [height, width], counts: of } } : { bbox: of };
  return {
    width,
    height,
    truths: truths.map(([categoryId, of, area, crowd, ignore]) => ({
      categoryId,
      area,
      crowd: crowd === 1,
      ignore: ignore === 1,
      ...shape(of),
    })) as ApInput['truths'],
    detections: detections.map(([categoryId, score, of]) => ({
      categoryId,
      score,
      ...shape(of),
    })) as ApInput['detections'],
  };
}

const measureOf = (set: GoldenSet, more: Partial<CocoApOptions> = {}): ReturnType<typeof cocoApMeasure> =>
  cocoApMeasure({
    kind: set.kind,
    categories: set.categories.map((id) => ({ id, name: `class ${id}` })),
    ...more,
  });
const near = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) =>
    expect(Math.abs(value - (expected[i] ?? NaN)), `figure ${i}`).toBeLessThan(1e-9),
  );
};

describe.each(sets.map((set, i) => [i, set] as const))('average precision, set %i', (_, set) => {
  it.each([
    ['pycocotools', {}],
    ['honourIgnore', { honourIgnore: true }],
    ['classAgnostic', { classAgnostic: true }],
  ] as const)('equals %s to 1e-9: twelve figures and every class', (name, switches) => {
    const measure = measureOf(set, switches);
    const sums = measure.accumulator();
    // Parts travel as JSON, images arrive in any order.
    for (const image of new Prng(5).shuffled(set.images)) {
      sums.add(image.id, measure.parsePart(JSON.parse(JSON.stringify(measure.count(input(image))))));
    }
    const result = sums.result({ intervals: false });
    near(cocoStats(result), set.expected[name].stats);
    const classes = Object.entries(result.figures).slice(12);
    near(
      classes.map(([, { value }]) => value ?? -1),
      set.expected[name].classes,
    );
  });
});

describe('average precision', () => {
  const [set] = sets as [GoldenSet];
  const measure = measureOf(set);
  const parts = set.images.map((image) => [image.id, measure.count(input(image))] as const);

  it('counts an image drawn twice as two images', () => {
    const all = parts.reduce((sums, [id, part]) => sums.add(id, part), measure.accumulator());
    const [low, high] = all.result({ draws: 200 }).figures['AP']?.interval ?? [NaN, NaN];
    const value = all.result({ intervals: false }).figures['AP']?.value ?? NaN;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(high - low).toBeLessThan(0.5);
    // A set of one image: every draw is that image.
    const one = measure
      .accumulator()
      .add(...(parts.find(([, part]) => part.categories.length > 2) as (typeof parts)[0]));
    const alone = one.result({ draws: 5 }).figures['AP'];
    expect(alone?.interval).toEqual([alone?.value, alone?.value]);
  });

  it('says where an input is wrong', () => {
    const mask = encodeMask(new Uint8Array(16).fill(1), 4, 4);
    const one = (detection: object): ApInput =>
      ({ width: 4, height: 4, truths: [], detections: [detection] }) as unknown as ApInput;
    const invalid = (where: string, code = 'VALUE_INVALID'): Error =>
      expect.objectContaining({ code, where }) as Error;
    expect(() => measure.count(one({ categoryId: 7, score: 1, mask }))).toThrow(invalid('detection 0'));
    expect(() => measure.count(one({ categoryId: 3, score: NaN, mask }))).toThrow(invalid('detection 0'));
    expect(() => measure.count(one({ categoryId: 3, score: 1 }))).toThrow(invalid('category 0, detection 0'));
    expect(() => measure.count({ ...one({ categoryId: 3, score: 1, mask }), width: 5 })).toThrow(
      invalid('category 0, detection 0'),
    );
    const box = measureOf(set, { kind: 'box' });
    expect(() => box.count(one({ categoryId: 3, score: 1, bbox: [0, 0, -1, 2] }))).toThrow(
      invalid('category 0, detection 0'),
    );
    expect(() => measureOf(set, { maxDetections: [10, 1, 100] })).toThrow(invalid('maxDetections'));
    expect(() => cocoApMeasure({ categories: [] })).toThrow(invalid('categories'));
    expect(() =>
      measure.parsePart({ categories: [{ category: 0, truths: [1], scores: [], outcomes: [] }] }),
    ).toThrow(invalid('coco-ap.categories.0.truths'));
  });
});
