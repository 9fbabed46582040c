import type { Prng } from '@maskloom/core';
import { BLOCK, type Estimator } from './estimator.js';

/**
 * The figures of many draws of images.
 * @param images - that the estimator was made of
 * @param draw - makes draw number `d`: into `weights[BLOCK * i + d % BLOCK]`, 0 before, how often image i counts. The
 *   draws before it in the block are there.
 * @returns [name, draw]; NaN where a figure is undefined
 */
export function estimateDraws(
  estimator: Estimator,
  images: number,
  draws: number,
  draw: (weights: Int32Array, d: number) => void,
): Float64Array {
  const figures = estimator.names.length;
  const found = new Float64Array(figures * draws);
  const size = BLOCK;
  const weights = new Int32Array(size * images);
  const block = estimator.estimateBlock?.bind(estimator) ?? oneByOne(estimator, images);
  for (let first = 0; first < draws; first += size) {
    const count = Math.min(size, draws - first);
    weights.fill(0);
    for (let d = first; d < first + count; d++) draw(weights, d);
    const values = block(weights, count);
    for (let f = 0; f < figures; f++) {
      for (let k = 0; k < count; k++) found[f * draws + first + k] = values[size * f + k]!;
    }
  }
  return found;
}

/** Draws as many images as there are, with replacement, as draw number `d` (see {@link estimateDraws}). */
export function drawImages(prng: Prng, images: number, weights: Int32Array, d: number): void {
  prng.tally(images, images, weights, BLOCK, d % BLOCK);
}

/** Estimates blocks a draw at a time. */
function oneByOne(
  estimator: Estimator,
  images: number,
): (weights: Int32Array, count: number) => Float64Array {
  const single = new Float64Array(images);
  const values = new Float64Array(BLOCK * estimator.names.length);
  return (weights, count) => {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < images; i++) single[i] = weights[BLOCK * i + k]!;
      estimator.estimate(single).forEach((value, f) => (values[BLOCK * f + k] = value));
    }
    return values;
  };
}
