import { readFileSync } from 'node:fs';
import { encodeMask, type RleMask } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReferringPhrase } from './referring/phrase.js';
import {
  bootstrapRatio,
  cIou,
  countPixels,
  gIou,
  queryIou,
  ReferringScores,
  swapPartners,
  wilsonInterval,
} from './index.js';

interface Golden {
  height: number;
  width: number;
  cases: {
    prediction: string;
    truth: string;
    ignore?: string;
    intersection: number;
    union: number;
    iou: number;
  }[];
  gIoU: number;
  cIoU: number;
  wilson: { successes: number; trials: number; interval: [number, number] }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../fixtures/metrics-golden.json', import.meta.url), 'utf8'),
) as Golden;
const mask = (counts: string): RleMask => ({ size: [golden.height, golden.width], counts });
const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;

describe('gIoU and cIoU', () => {
  const counts = golden.cases.map((c) =>
    countPixels(mask(c.prediction), mask(c.truth), c.ignore === undefined ? undefined : mask(c.ignore)),
  );

  it('count pixels as the reference does, ignored ones left out', () => {
    expect(counts).toEqual(golden.cases.map(({ intersection, union }) => ({ intersection, union })));
  });

  it('equal the reference with its small numbers, to 1e-12', () => {
    const rules = { referenceEpsilons: true };
    expect(gIou(counts, rules)).toBeCloseTo(golden.gIoU, 12);
    expect(cIou(counts, rules)).toBeCloseTo(golden.cIoU, 12);
    counts.forEach((c, i) => expect(queryIou(c, rules)).toBeCloseTo(golden.cases[i]?.iou ?? NaN, 12));
  });

  it('follow their switches', () => {
    const queries = [
      { intersection: 0, union: 0 },
      { intersection: 0, union: 8 },
      { intersection: 6, union: 8 },
    ];
    expect(gIou(queries)).toBeCloseTo(1.75 / 3, 15);
    expect(gIou(queries, { emptyUnionIsOne: false })).toBe(0.25);
    expect(gIou(queries, { skipTrueNegatives: true })).toBe(0.375);
    expect(cIou(queries)).toBe(0.375);
    expect(cIou(queries.slice(0, 1))).toBe(1);
    expect(cIou(queries.slice(0, 1), { emptyUnionIsOne: false })).toBe(0);
    expect(() => gIou([])).toThrow(invalid);
    expect(() => cIou(queries.slice(0, 1), { skipTrueNegatives: true })).toThrow(invalid);
  });

  it('take a missing mask as an empty one', () => {
    const truth = golden.cases[0];
    if (!truth) throw new Error('no case');
    const area = countPixels(mask(truth.truth), mask(truth.truth)).union;
    expect(countPixels(undefined, mask(truth.truth))).toEqual({ intersection: 0, union: area });
    expect(countPixels(mask(truth.truth), undefined)).toEqual({ intersection: 0, union: area });
    expect(countPixels(undefined, undefined)).toEqual({ intersection: 0, union: 0 });
  });
});

describe('intervals', () => {
  it.each(golden.wilson)(
    'Wilson $successes of $trials equals the inverted score test',
    ({ successes, trials, interval }) => {
      const found = wilsonInterval(successes, trials);
      expect(found[0]).toBeCloseTo(interval[0], 9);
      expect(found[1]).toBeCloseTo(interval[1], 9);
    },
  );

  it('refuse what is no proportion or no sample', () => {
    expect(() => wilsonInterval(3, 2)).toThrow(invalid);
    expect(() => wilsonInterval(0, 0)).toThrow(invalid);
    expect(() => bootstrapRatio([])).toThrow(invalid);
    expect(() => bootstrapRatio([{ cluster: 1, numerator: 1, denominator: 1 }], { level: 1 })).toThrow(
      invalid,
    );
  });

  it('bootstrap agrees with the normal interval for many independent queries', () => {
    const parts = Array.from({ length: 400 }, (_, i) => ({
      cluster: i,
      numerator: i % 10 < 7 ? 1 : 0,
      denominator: 1,
    }));
    const [low, high] = bootstrapRatio(parts, { draws: 4000, seed: 5 });
    const spread = 1.96 * Math.sqrt((0.7 * 0.3) / 400);
    expect(Math.abs(low - (0.7 - spread))).toBeLessThan(0.006);
    expect(Math.abs(high - (0.7 + spread))).toBeLessThan(0.006);
    expect(bootstrapRatio(parts, { seed: 5 })).toEqual(bootstrapRatio(parts, { seed: 5 }));
    expect(bootstrapRatio(parts, { seed: 5 })).not.toEqual(bootstrapRatio(parts, { seed: 6 }));
  });

  it('bootstrap draws whole images: equal queries about one image add no certainty', () => {
    const once = Array.from({ length: 60 }, (_, i) => ({
      cluster: i,
      numerator: i % 3 === 0 ? 1 : 0,
      denominator: 1,
    }));
    const tenfold = once.flatMap((part) => Array.from({ length: 10 }, () => part));
    expect(bootstrapRatio(tenfold)).toEqual(bootstrapRatio(once));
  });
});

describe('swapped phrases', () => {
  it('are always of another target where there is one, the next in order or a seeded choice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 9 }), fc.nat(), (targets, seed) => {
        for (const choice of ['next', { seed }] as const) {
          const partners = swapPartners(targets, choice);
          expect(partners).toEqual(swapPartners(targets, choice));
          expect(partners).toHaveLength(targets.length);
          partners.forEach((partner, j) => {
            if (partner === undefined) expect(new Set(targets).size).toBe(1);
            else expect(targets[partner]).not.toBe(targets[j]);
          });
        }
      }),
    );
    expect(swapPartners([7, 7, 8, 7, 9])).toEqual([2, 2, 3, 4, 0]);
    expect(swapPartners([7, 7])).toEqual([undefined, undefined]);
  });
});

describe('scores of a system', () => {
  const half = (left: boolean): RleMask =>
    encodeMask(
      Uint8Array.from({ length: 16 }, (_, p) => (p % 4 < 2 === left ? 1 : 0)),
      4,
      4,
    );
  const query = (annId: number, more: Partial<ReferringPhrase> = {}): ReferringPhrase => ({
    kind: 'attribute',
    needsRelation: undefined,
    present: true,
    annId,
    mask: half(annId === 1),
    ...more,
  });

  it('are 1 with a control of 0 for a system that reads, and even with the control for one that does not', () => {
    const queries = [query(1), query(2), query(2, { kind: 'relation', needsRelation: true })];
    const reads = new ReferringScores();
    const guesses = new ReferringScores();
    for (const image of [1, 2, 3]) {
      reads.addExpressions(image, queries, (q) => q.mask);
      guesses.addExpressions(image, queries, () => half(true));
    }
    const figures = reads.figures();
    expect(Object.keys(figures).filter((name) => name.startsWith('cIoU'))).toEqual([
      'cIoU all',
      'cIoU attribute',
      'cIoU control',
      'cIoU needs-relation',
      'cIoU paired',
    ]);
    expect(figures['cIoU all']).toEqual({ value: 1, interval: [1, 1], n: 9 });
    expect(figures['cIoU control']?.value).toBe(0);
    const blind = guesses.figures();
    expect(blind['gIoU control']?.value).toBeCloseTo(blind['gIoU paired']?.value ?? NaN, 12);
    expect(blind['gIoU all']?.value).toBeCloseTo(1 / 3, 12);
  });

  it('count presence and hallucinated pixels on false premises', () => {
    const scores = new ReferringScores();
    const empty = encodeMask(new Uint8Array(16), 4, 4);
    const lie = query(2, { present: false, mask: undefined, kind: 'stuff' });
    scores.addPremises('a', [query(1), lie], () => half(true)); // right, hallucinated
    scores.addPremises('b', [query(1), lie], () => empty); // missed, right: an empty mask is a refusal
    scores.addPremises('c', [lie], () => undefined); // right
    const figures = scores.figures();
    expect(figures['See']).toMatchObject({ value: 3 / 5, n: 5 });
    expect(figures['See accept']).toMatchObject({ value: 1 / 2, n: 2 });
    expect(figures['See reject stuff']).toMatchObject({ value: 2 / 3, n: 3 });
    expect(figures['Segment cIoU']?.value).toBeCloseTo(8 / (8 + 8 + 8), 12);
  });
});
