import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cocoScores, type CocoResult, type CocoTruthFile } from './coco-files.js';

const cases = JSON.parse(
  readFileSync(new URL('../../fixtures/coco-files-golden.json', import.meta.url), 'utf8'),
) as { truth: CocoTruthFile; results: CocoResult[]; expected: Record<'mask' | 'box', number[]> }[];
const [{ truth, results } = { truth: { images: [], categories: [], annotations: [] }, results: [] }] = cases;

describe.each(cases.map((one, i) => [i, one] as const))('COCO files, set %i', (_, one) => {
  it.each(['mask', 'box'] as const)('give the twelve figures of pycocotools by %s to 1e-9', (kind) => {
    const { stats } = cocoScores(one.truth, one.results, { kind });
    expect(stats).toHaveLength(12);
    stats.forEach((value, i) =>
      expect(Math.abs(value - (one.expected[kind][i] ?? NaN)), `figure ${i}`).toBeLessThan(1e-9),
    );
  });
});

describe('COCO files', () => {
  it('count results of categories that are not scored', () => {
    const strange = results.filter(({ category_id }) => category_id === 99).length;
    expect(strange).toBeGreaterThan(0);
    expect(cocoScores(truth, results).leftOut).toBe(strange);
  });

  it('compute a missing area from the mask', () => {
    const annotations = truth.annotations.map(({ area: _, ...rest }) => ({ ...rest, area: null }));
    expect(cocoScores({ ...truth, annotations }, results).stats[0]).toBeGreaterThan(0);
  });

  it('name what is wrong, and where', () => {
    expect(() =>
      cocoScores(truth, [{ image_id: 999, category_id: 1, score: 1, bbox: [0, 0, 2, 2] }]),
    ).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID', message: expect.stringContaining('999') as string }),
    );
    expect(() => cocoScores(truth, [{ image_id: 10, category_id: 1, score: 1 }])).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID', where: 'results[0]' }),
    );
    const small = { image_id: 10, category_id: 1, score: 1, segmentation: { size: [4, 4], counts: [16] } };
    expect(() => cocoScores(truth, [small as unknown as CocoResult])).toThrow(
      expect.objectContaining({ code: 'MASK_INVALID', where: 'results[0].segmentation' }),
    );
    expect(() => cocoScores(truth, {} as unknown as CocoResult[])).toThrow(/results are not a list/);
  });
});
