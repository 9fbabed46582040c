import { defineMeasure } from './define-measure.js';
import type { Measure } from './measure.js';
import { plainRatio, ratioEstimator, ratioSums, type RatioSums } from './ratio-sums.js';

/**
 * Shares and means: each figure is the sum of its numerators over the sum of its denominators, over all images. A part is what
 * a {@link RatioCounter} gives; `n` is how often a figure was counted.
 * @param name - the measure's name
 */
export function shareMeasure(name: string): Measure<RatioSums, RatioSums> {
  return defineMeasure({
    name,
    switches: {},
    part: ratioSums,
    count: (sums) => sums,
    prepare: (parts, only) => ratioEstimator(parts, plainRatio, only),
  });
}
