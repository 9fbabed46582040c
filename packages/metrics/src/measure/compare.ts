import { MaskloomError, Prng } from '@maskloom/core';
import { checkDraws, type Interval } from '../intervals.js';
import { percentileInterval } from '../percentile-interval.js';
import { numbersOf } from './bootstrap-estimator.js';
import { drawImages, estimateDraws } from './estimate-draws.js';
import { BLOCK, type Estimator } from './estimator.js';
import type { Accumulator } from './measure.js';
import { checkSameMeasure, PartAccumulator } from './part-accumulator.js';
import { signTest } from './sign-test.js';

/** How to compare. */
export interface CompareOptions {
  /** Figures to compare; the headline figures when absent. */
  readonly figures?: readonly string[];
  /** Bootstrap resamples; 1000 when absent. */
  readonly draws?: number;
  /** Random exchanges of the permutation test; 1000 when absent. */
  readonly permutations?: number;
  /** Seed of both; 20 when absent. */
  readonly seed?: number;
  /** Coverage of the interval; 0.95 when absent. */
  readonly level?: number;
}

/** How one system differs from another on the same images. */
export interface PairedComparison {
  /** First minus second; `null` where either is undefined. */
  readonly difference: number | null;
  /** Percentile bootstrap interval of the difference, the same images drawn for both. */
  readonly interval: Interval | null;
  /** Two-sided: how often the resampled difference lies on the other side of 0, doubled. */
  readonly pBootstrap: number | null;
  /** Two-sided permutation test: how often exchanging the systems' results on random images differs as much. */
  readonly pPermutation: number | null;
  /** Two-sided exact sign test over the images whose figures differ; `null` when none does. */
  readonly pSign: number | null;
  /** Images on which the first has the higher figure. */
  readonly wins: number;
  /** Images on which the second has. */
  readonly losses: number;
  /** Images on which both have the same, or one is undefined. */
  readonly ties: number;
  /** Images that both were measured on. */
  readonly images: number;
}

/**
 * Compares two systems on the images that both were measured on, image by image paired, figure by figure: paired bootstrap
 * (Efron and Tibshirani 1993, chapter 16), permutation test (Edgington and Onghena 2007; p counts the observed case, so it
 * is never 0) and sign test. Images are the units: queries about one image are not independent.
 * @throws MaskloomError `VALUE_INVALID` when measures or switches differ, no image is in both, or options are out of range
 */
export function compareAccumulators<Part>(
  a: Accumulator<Part>,
  b: Accumulator<Part>,
  options: CompareOptions = {},
): Record<string, PairedComparison> {
  const { draws = 1000, permutations = 1000, seed = 20, level = 0.95 } = options;
  checkSameMeasure(a, b);
  checkDraws(draws, level);
  checkDraws(permutations, level);
  if (!(a instanceof PartAccumulator)) {
    throw new MaskloomError('VALUE_INVALID', 'Only accumulators made by a measure can be compared.');
  }
  const { prepare, headline } = a.counting as PartAccumulator<Part>['counting'];
  const other = new Map(b.entries());
  const common = a.entries().filter(([image]) => other.has(image));
  const images = common.length;
  if (images === 0) {
    throw new MaskloomError('VALUE_INVALID', 'The two systems have no image in common.', {
      hint: 'Measure both on the same split.',
    });
  }
  const mine = common.map(([, part]) => part);
  const theirs = common.map(([image]) => other.get(image) as Part);
  const both = prepare([...mine, ...theirs]);
  const names = options.figures ?? both.names.filter(headline ?? (() => true));
  const estimator = prepare([...mine, ...theirs], names);
  const observed = differences(estimator, images, 1, (weights, d) => {
    for (let i = 0; i < images; i++) weights[BLOCK * i + d] = 1;
  });
  const drawing = new Prng(seed, 1);
  const boot = differences(estimator, images, draws, (weights, d) => drawImages(drawing, images, weights, d));
  const exchanging = new Prng(seed, 2);
  const exchanged = differences(estimator, images, permutations, (weights, d) => {
    for (let i = 0; i < images; i++) {
      const lane = d % BLOCK;
      const image = (exchanging.u32() & 1) === 1 ? i : images + i;
      weights[BLOCK * image + lane] = 1;
    }
  });
  const found = estimator.names.map((name, f): [string, PairedComparison] => [
    name,
    {
      ...tests(observed[f]![0] ?? NaN, boot[f]!, exchanged[f]!, level),
      ...signs(
        mine.map((part) => figureOf(prepare([part], [name]))),
        theirs.map((part) => figureOf(prepare([part], [name]))),
      ),
      images,
    },
  ]);
  return Object.fromEntries(found);
}

/**
 * First system minus second in many draws, figure by figure; draws without a value are left out.
 * @param draw - draws images of the two (see {@link estimateDraws}): image i of the second is the estimator's image
 *   `images + i`. What it draws of each counts as the first system, then, exchanged, as the second.
 */
function differences(
  estimator: Estimator,
  images: number,
  draws: number,
  draw: (weights: Int32Array, d: number) => void,
): Float64Array[] {
  const found = estimateDraws(estimator, 2 * images, 2 * draws, (weights, d) => {
    if (d % 2 === 0) return draw(weights, d);
    for (let i = 0; i < images; i++) {
      const [own, foreign] = [BLOCK * i + (d % BLOCK), BLOCK * (images + i) + (d % BLOCK)];
      weights[own] = weights[foreign - 1]!;
      weights[foreign] = weights[own - 1]!;
    }
  });
  return estimator.names.map((_, f) => {
    const pairs = found.subarray(2 * draws * f, 2 * draws * (f + 1));
    return numbersOf(Float64Array.from({ length: draws }, (_, t) => pairs[2 * t]! - pairs[2 * t + 1]!));
  });
}

function tests(
  observed: number,
  boot: Float64Array,
  exchanged: Float64Array,
  level: number,
): Pick<PairedComparison, 'difference' | 'interval' | 'pBootstrap' | 'pPermutation'> {
  if (Number.isNaN(observed) || boot.length === 0) {
    return { difference: null, interval: null, pBootstrap: null, pPermutation: null };
  }
  const below = boot.filter((value) => value <= 0).length;
  const above = boot.filter((value) => value >= 0).length;
  // Sums in another order may differ in the last bits of an equal difference.
  const extreme = exchanged.filter((value) => Math.abs(value) >= Math.abs(observed) - 1e-12).length;
  return {
    difference: observed,
    interval: percentileInterval(boot, level),
    pBootstrap: Math.min(1, (2 * (Math.min(below, above) + 1)) / (boot.length + 1)),
    pPermutation: (extreme + 1) / (exchanged.length + 1),
  };
}

function signs(
  mine: readonly number[],
  theirs: readonly number[],
): Pick<PairedComparison, 'pSign' | 'wins' | 'losses' | 'ties'> {
  const wins = mine.filter((value, i) => value > (theirs[i] as number)).length;
  const losses = mine.filter((value, i) => value < (theirs[i] as number)).length;
  const ties = mine.length - wins - losses;
  return { pSign: wins + losses === 0 ? null : signTest(wins, losses), wins, losses, ties };
}

function figureOf(estimator: Estimator): number {
  return estimator.names.length === 0 ? NaN : (estimator.estimate()[0] as number);
}
