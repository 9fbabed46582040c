import { Prng } from '@maskloom/core';
import { checkDraws, type Interval } from '../intervals.js';
import { percentileInterval } from '../percentile-interval.js';
import { drawImages, estimateDraws } from './estimate-draws.js';
import type { Estimator } from './estimator.js';

/** How to draw. */
export interface Draws {
  /** Resamples; 1000 when absent. */
  readonly draws?: number;
  /** Seed of the draws; 20 when absent. */
  readonly seed?: number;
  /** Coverage; 0.95 when absent. */
  readonly level?: number;
}

/**
 * Percentile bootstrap intervals of all figures of an estimator, whole images drawn with replacement (Efron and
 * Tibshirani 1993, section 13.3). All figures share the draws. Draws without a value are left out; a figure without any
 * has no interval.
 * @param images - number of images that the estimator was made of, >= 1
 * @throws MaskloomError `VALUE_INVALID` on draws or level out of range
 */
export function bootstrapEstimator(
  estimator: Estimator,
  images: number,
  { draws = 1000, seed = 20, level = 0.95 }: Draws,
): Map<string, Interval> {
  checkDraws(draws, level);
  const prng = new Prng(seed);
  const found = estimateDraws(estimator, images, draws, (weights, d) => drawImages(prng, images, weights, d));
  const intervals = new Map<string, Interval>();
  estimator.names.forEach((name, f) => {
    const values = numbersOf(found.subarray(f * draws, (f + 1) * draws));
    if (values.length > 0) intervals.set(name, percentileInterval(values, level));
  });
  return intervals;
}

/** Moves what is not NaN to the front. @returns that part */
export function numbersOf(values: Float64Array): Float64Array {
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) values[count++] = value;
  }
  return values.subarray(0, count);
}
