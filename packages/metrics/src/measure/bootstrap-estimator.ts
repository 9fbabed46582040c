import { Prng } from '@maskloom/core';
import { checkDraws, quantile, type Interval } from '../intervals.js';
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
  const weights = new Float64Array(images);
  const figures = estimator.names.length;
  // Figure by figure, so that each is sorted where it lies; `filled` of its values are there.
  const values = new Float64Array(figures * draws);
  const filled = new Int32Array(figures);
  for (let d = 0; d < draws; d++) {
    drawImages(prng, weights);
    const drawn = estimator.estimate(weights);
    for (let i = 0; i < figures; i++) {
      const value = drawn[i] as number;
      if (!Number.isNaN(value)) values[i * draws + filled[i]!++] = value;
    }
  }
  const tail = (1 - level) / 2;
  const intervals = new Map<string, Interval>();
  estimator.names.forEach((name, i) => {
    const sorted = values.subarray(i * draws, i * draws + filled[i]!).sort();
    if (sorted.length > 0) intervals.set(name, [quantile(sorted, tail), quantile(sorted, 1 - tail)]);
  });
  return intervals;
}

/** Draws as many images as there are, with replacement: how often each was drawn. */
export function drawImages(prng: Prng, weights: Float64Array): void {
  weights.fill(0);
  for (let i = 0; i < weights.length; i++) {
    const drawn = prng.int(weights.length);
    weights[drawn] = (weights[drawn] as number) + 1;
  }
}
