import { encodeMask, maskArea, mergeMasks, rleOfRuns, runsOfRle, type RleMask } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReferringPhrase } from './phrase.js';
import { maskIn, measuresGolden } from '../measures-golden.test-helper.js';
import { ReferringScores } from '../referring-scores.js';
import { referringMeasure } from './referring-measure.js';
import { expressionQueries, premiseQueries, type ScoredQuery } from './scored-query.js';
import { coveredOnce } from './truth.js';

const golden = measuresGolden().referring;
const images = golden.images.map((image): ScoredQuery[] =>
  image.queries.map(({ parts, ignore, text, generated, forced }) => ({
    ...(parts && { truth: parts.map((part) => maskIn(image, part)) }),
    ...(ignore !== null && { ignore: maskIn(image, ignore) }),
    ...(generated !== null && { prediction: maskIn(image, generated) }),
    forced: maskIn(image, forced),
    textIndex: text,
  })),
);

describe('gIoU and cIoU against dense counting', () => {
  it('have figures for every setting of the switches', () => {
    expect(golden.figures).toHaveLength(2 ** golden.switches.length);
    expect(new Set(golden.figures.map(([, gIoU]) => gIoU)).size).toBeGreaterThan(20);
  });

  it.each(golden.figures)('with %j equal the reference to 1e-9', (on, gIoU, cIoU) => {
    const set = Object.fromEntries(golden.switches.map((name, i) => [name, on[i] === true]));
    const { teacherForced, ...rules } = set;
    const measure = referringMeasure({ ...rules, answers: teacherForced ? 'teacher-forced' : 'generated' });
    const sums = measure.accumulator();
    images.forEach((queries, i) => sums.add(i, measure.count({ queries })));
    const { figures } = sums.result({ intervals: false });
    expect(Math.abs((figures['gIoU all']?.value ?? NaN) - gIoU)).toBeLessThan(1e-9);
    expect(Math.abs((figures['cIoU all']?.value ?? NaN) - cIoU)).toBeLessThan(1e-9);
  });

  it('refuse to score forced answers that are not there', () => {
    const measure = referringMeasure({ answers: 'teacher-forced' });
    expect(() => measure.count({ queries: [{ columns: ['all'] }] })).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID', where: 'queries.0.forced' }) as Error,
    );
  });
});

describe('added-up polygons', () => {
  it('leave the pixels that are covered exactly once', () => {
    const bits = fc.uint8Array({ min: 0, max: 1, minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(bits, { minLength: 1, maxLength: 5 }), (layers) => {
        const masks = layers.map((pixels) => runsOfRle(encodeMask(pixels, 5, 4)));
        const once = Uint8Array.from({ length: 20 }, (_, p) =>
          layers.reduce((sum, layer) => sum + (layer[p] ?? 0), 0) === 1 ? 1 : 0,
        );
        expect(rleOfRuns(coveredOnce(masks))).toEqual(encodeMask(once, 5, 4));
      }),
    );
  });
});

describe('the columns of maskloom eval', () => {
  const random = (seed: number): RleMask => {
    const [first] = fc.sample(fc.uint8Array({ min: 0, max: 1, minLength: 30, maxLength: 30 }), {
      seed,
      numRuns: 1,
    });
    return encodeMask(first as Uint8Array, 6, 5);
  };
  const query = (annId: number, more: Partial<ReferringPhrase> = {}): ReferringPhrase => ({
    kind: 'attribute',
    needsRelation: undefined,
    present: true,
    annId,
    mask: random(annId),
    ...more,
  });

  it('are the figures of ReferringScores, name by name', () => {
    const scores = new ReferringScores();
    const measure = referringMeasure();
    const sums = measure.accumulator();
    const predict = (q: ReferringPhrase): RleMask | undefined =>
      q.annId === 4 ? undefined : mergeMasks([random(q.annId + 50), q.mask ?? random(9)], 'intersection');
    for (const image of [1, 2, 3]) {
      const phrases = [1, 2, 4, 5].map((i) =>
        query(10 * image + i, { annId: i, kind: i > 2 ? 'relation' : 'stuff', needsRelation: i === 5 }),
      );
      const premises = [query(image), query(image + 4, { present: false, mask: undefined, kind: 'object' })];
      scores.addExpressions(image, phrases, predict);
      scores.addPremises(image, premises, predict);
      const queries = [...expressionQueries(phrases, predict), ...premiseQueries(premises, predict)];
      sums.add(image, measure.count({ queries }));
    }
    const expected = scores.figures();
    const { figures } = sums.result();
    expect(Object.keys(figures)).toEqual(Object.keys(expected));
    for (const [name, figure] of Object.entries(expected)) {
      expect(figures[name]?.n, name).toBe(figure.n);
      expect(figures[name]?.value, name).toBeCloseTo(figure.value, 12);
      // The same draws: equal but for the order of additions.
      expect(figures[name]?.interval?.[0], name).toBeCloseTo(figure.interval[0], 12);
      expect(figures[name]?.interval?.[1], name).toBeCloseTo(figure.interval[1], 12);
    }
  });

  it('count an empty mask as a refusal, and hallucinated and missed pixels in cIoU', () => {
    const measure = referringMeasure();
    const empty = encodeMask(new Uint8Array(30), 6, 5);
    const [a, b] = [random(1), random(2)];
    const part = measure.count({
      queries: [
        { prediction: empty, present: false },
        { prediction: a, present: false, kind: 'colour' },
        { truth: b, present: true },
        { prediction: b, truth: b, present: true },
      ],
    });
    expect(part['See']).toEqual([2, 4, 4]);
    expect(part['See reject']).toEqual([1, 2, 2]);
    expect(part['See accept']).toEqual([1, 2, 2]);
    expect(part['See reject colour']).toEqual([0, 1, 1]);
    expect(part['Segment cIoU']).toEqual([maskArea(b), maskArea(a) + 2 * maskArea(b), 4]);
    expect(part).not.toHaveProperty('gIoU all');
  });
});
