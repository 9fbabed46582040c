import { MaskloomError } from '@maskloom/core';
import { Prng } from '@maskloom/core';
import { checkDraws, quantile, type Interval } from '../intervals.js';
import { drawImages } from './bootstrap-estimator.js';
import type { Estimator } from './estimator.js';
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
  const observed = differences(estimator, images, (_, first) => (first ? 1 : 0));
  const boot = resample(estimator, images, draws, new Prng(seed, 1), (prng, weights) => {
    drawImages(prng, weights);
    return (i, first) => (first ? (weights[i] as number) : 0);
  });
  const exchanged = resample(estimator, images, permutations, new Prng(seed, 2), (prng, weights) => {
    for (let i = 0; i < images; i++) weights[i] = prng.u32() & 1;
    return (i, first) => (first === (weights[i] === 1) ? 1 : 0);
  });
  const found = estimator.names.map((name, f): [string, PairedComparison] => [
    name,
    {
      ...tests(observed[f] as number, boot[f] ?? [], exchanged[f] ?? [], level),
      ...signs(
        mine.map((part) => figureOf(prepare([part], [name]))),
        theirs.map((part) => figureOf(prepare([part], [name]))),
      ),
      images,
    },
  ]);
  return Object.fromEntries(found);
}

/** How often image i of a system counts; the first system's share decides the second's. */
type Share = (image: number, first: boolean) => number;

/** First system minus second; the second one's image i is the estimator's image `images + i`. */
function differences(estimator: Estimator, images: number, share: Share): Float64Array {
  const weights = new Float64Array(2 * images);
  const fill = (swap: boolean): void => {
    for (let i = 0; i < images; i++) {
      const [own, foreign] = [share(i, true), share(i, false)];
      weights[i] = swap ? foreign : own;
      weights[images + i] = swap ? own : foreign;
    }
  };
  fill(false);
  const first = Float64Array.from(estimator.estimate(weights));
  fill(true);
  const second = estimator.estimate(weights);
  return first.map((value, f) => value - (second[f] as number));
}

/** Differences of many resamples, figure by figure; those without a value are left out. */
function resample(
  estimator: Estimator,
  images: number,
  times: number,
  prng: Prng,
  draw: (prng: Prng, weights: Float64Array) => Share,
): number[][] {
  const weights = new Float64Array(images);
  const found = estimator.names.map((): number[] => []);
  for (let t = 0; t < times; t++) {
    differences(estimator, images, draw(prng, weights)).forEach((value, f) => {
      if (!Number.isNaN(value)) found[f]?.push(value);
    });
  }
  return found;
}

function tests(
  observed: number,
  boot: readonly number[],
  exchanged: readonly number[],
  level: number,
): Pick<PairedComparison, 'difference' | 'interval' | 'pBootstrap' | 'pPermutation'> {
  if (Number.isNaN(observed) || boot.length === 0) {
    return { difference: null, interval: null, pBootstrap: null, pPermutation: null };
  }
  const sorted = Float64Array.from(boot).sort();
  const tail = (1 - level) / 2;
  const below = boot.filter((value) => value <= 0).length;
  const above = boot.filter((value) => value >= 0).length;
  // Sums in another order may differ in the last bits of an equal difference.
  const extreme = exchanged.filter((value) => Math.abs(value) >= Math.abs(observed) - 1e-12).length;
  return {
    difference: observed,
    interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)],
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
