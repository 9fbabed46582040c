import { describe, expect, it } from 'vitest';
import { Prng } from '@maskloom/core';
import { referringMeasure } from '../referring/referring-measure.js';
import { compareAccumulators } from './compare.js';
import type { Accumulator } from './measure.js';
import type { RatioSums } from './ratio-sums.js';
import { signTest } from './sign-test.js';

const measure = referringMeasure();
const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;

/** One query per image with the IoU that `iou` says, over unions of 100 pixels. */
function system(images: number, iou: (image: number) => number): Accumulator<RatioSums> {
  const sums = measure.accumulator();
  for (let i = 0; i < images; i++) {
    const value = iou(i);
    sums.add(i, { 'cIoU all': [100 * value, 100, 1], 'gIoU all': [value, 1, 1] });
  }
  return sums;
}

describe('paired comparison', () => {
  it('finds a small difference that is the same on every image, though images differ widely', () => {
    const prng = new Prng(1);
    const hard = Array.from({ length: 60 }, () => prng.between(0.1, 0.9));
    const a = system(60, (i) => (hard[i] ?? 0) + 0.02);
    const b = system(60, (i) => hard[i] ?? 0);
    const found = compareAccumulators(a, b)['gIoU all'];
    expect(found?.difference).toBeCloseTo(0.02, 12);
    expect(found?.interval?.[0]).toBeCloseTo(0.02, 9);
    expect(found?.interval?.[1]).toBeCloseTo(0.02, 9);
    expect(found).toMatchObject({ wins: 60, losses: 0, ties: 0, images: 60 });
    // 1,000 exchanges never reach it: p is that of the observed case alone.
    expect(found?.pPermutation).toBeCloseTo(1 / 1001, 12);
    expect(found?.pBootstrap).toBeCloseTo(2 / 1001, 12);
    expect(found?.pSign).toBeCloseTo(2 * 0.5 ** 60, 24);
    // Unpaired, the intervals overlap widely.
    const [low] = a.result().figures['gIoU all']?.interval ?? [NaN];
    expect(low).toBeLessThan(b.result().figures['gIoU all']?.value ?? NaN);
  });

  it('finds nothing between systems that differ by chance', () => {
    // Under the null hypothesis p is uniform: over 60 pairs few are small, and their mean is about a half.
    const ps = Array.from({ length: 60 }, (_, k) => {
      const prng = new Prng(100 + k);
      const draw = (): number => prng.unit();
      const found = compareAccumulators(system(30, draw), system(30, draw), {
        draws: 199,
        permutations: 199,
        figures: ['gIoU all'],
      })['gIoU all'];
      return [found?.pPermutation ?? NaN, found?.pBootstrap ?? NaN] as const;
    });
    for (const which of [0, 1] as const) {
      const values = ps.map((pair) => pair[which]);
      expect(values.filter((p) => p < 0.05).length).toBeLessThanOrEqual(8);
      const mean = values.reduce((sum, p) => sum + p, 0) / values.length;
      expect(mean).toBeGreaterThan(0.38);
      expect(mean).toBeLessThan(0.62);
    }
  });

  it('agrees with all exchanges of five images', () => {
    const mine = [0.9, 0.5, 0.7, 0.8, 0.4];
    const theirs = [0.5, 0.45, 0.75, 0.2, 0.1];
    const differences = mine.map((value, i) => value - (theirs[i] ?? 0));
    const total = differences.reduce((sum, value) => sum + value, 0);
    let extreme = 0;
    for (let mask = 0; mask < 32; mask++) {
      const sum = differences.reduce((s, value, i) => s + ((mask >> i) & 1 ? value : -value), 0);
      if (Math.abs(sum) >= total - 1e-12) extreme++;
    }
    const found = compareAccumulators(
      system(5, (i) => mine[i] ?? 0),
      system(5, (i) => theirs[i] ?? 0),
      { permutations: 20_000 },
    )['gIoU all'];
    expect(found?.pPermutation).toBeCloseTo(extreme / 32, 2);
    expect(found).toMatchObject({ wins: 4, losses: 1 });
    expect(found?.pSign).toBeCloseTo(12 / 32, 12);
  });

  it('is the same turned round, with the sign changed, and regards common images only', () => {
    const a = system(20, (i) => (i % 5) / 5);
    const b = system(26, (i) => (i % 3) / 3);
    const forth = compareAccumulators(a, b);
    const back = compareAccumulators(b, a);
    for (const name of ['cIoU all', 'gIoU all']) {
      expect(forth[name]?.images).toBe(20);
      expect(back[name]?.difference).toBeCloseTo(-(forth[name]?.difference ?? NaN), 12);
      expect(back[name]?.pPermutation).toBeCloseTo(forth[name]?.pPermutation ?? NaN, 12);
      expect(back[name]?.interval?.[0]).toBeCloseTo(-(forth[name]?.interval?.[1] ?? NaN), 12);
      expect(back[name]?.wins).toBe(forth[name]?.losses);
    }
    expect(compareAccumulators(a, b)).toEqual(forth);
  });

  it('has no figures where one system has none', () => {
    const a = measure.accumulator().add(1, { 'gIoU all': [1, 1, 1], See: [1, 1, 1] });
    const b = measure.accumulator().add(1, { 'gIoU all': [1, 1, 1] });
    const found = compareAccumulators(a, b);
    expect(found['See']).toMatchObject({ difference: null, interval: null, pSign: null, ties: 1 });
    expect(found['gIoU all']).toMatchObject({ difference: 0, pPermutation: 1, pBootstrap: 1, pSign: null });
  });

  it('refuses what cannot be compared', () => {
    const one = system(2, () => 1);
    expect(() => compareAccumulators(one, measure.accumulator())).toThrow(invalid);
    expect(() => compareAccumulators(one, referringMeasure({ summedPolygons: true }).accumulator())).toThrow(
      invalid,
    );
    expect(() => compareAccumulators(one, one, { permutations: 0 })).toThrow(invalid);
  });
});

describe('sign test', () => {
  it.each([
    [0, 5, 2 / 32],
    [5, 0, 2 / 32],
    [2, 3, 1],
    [8, 2, 112 / 1024],
  ])('of %i against %i is %d', (wins, losses, p) => {
    expect(signTest(wins, losses)).toBeCloseTo(p, 12);
  });

  it('stays right where 0.5^n underflows', () => {
    // Normal approximation with continuity correction: z = (2100 - 1050 - 0.5) / 22.91 ... of 1120 in 2100.
    const p = signTest(1120, 980);
    expect(p).toBeGreaterThan(0.0022);
    expect(p).toBeLessThan(0.0025);
  });
});
