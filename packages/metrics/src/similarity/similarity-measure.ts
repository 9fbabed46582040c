import { MaskloomError, type RleMask } from '@maskloom/core';
import { queryIou } from '../iou.js';
import { defineMeasure } from '../measure/define-measure.js';
import type { Measure } from '../measure/measure.js';
import { RatioCounter, ratioEstimator, ratioSums, type RatioSums } from '../measure/ratio-sums.js';
import { iouRule } from '../referring/referring-measure.js';
import { bestThreshold } from './grid-search.js';

/** Which map is cut. */
export interface SimilarityIouOptions {
  /** Between thresholds, 0.01 when absent. */
  readonly step?: number;
  /** What the figures' names begin with, `S_IoU` when absent; another name makes another measure. */
  readonly figure?: string;
}

/** One image. */
export interface SimilarityInput {
  /** Its questions. */
  readonly queries: readonly {
    /** Row-major [height, width] at the size of the image, scores in 0..1: `similarityAtImageSize`. */
    readonly map: Float32Array;
    /** The target. */
    readonly truth: RleMask;
    /** Pixels that count for neither side. */
    readonly ignore?: RleMask | undefined;
  }[];
}

/**
 * READ's S_IoU (table 1): how well a similarity map could cut out the target. `S_IoU gIoU` and `S_IoU cIoU` of the maps cut
 * at the threshold that fits each truth best, `S_IoU threshold` the mean of those thresholds. An oracle: to be marked as
 * such wherever it is shown. Whether 0 and 1 are tried and 255 is ignored is not stated in the paper; here they are.
 * @throws MaskloomError `VALUE_INVALID` unless the step is a whole part of 1
 */
export function similarityIouMeasure(
  options: SimilarityIouOptions = {},
): Measure<SimilarityInput, RatioSums> {
  const { step = 0.01, figure = 'S_IoU' } = options;
  const steps = Math.round(1 / step);
  if (!(step > 0 && step <= 1) || Math.abs(steps * step - 1) > 1e-9) {
    throw new MaskloomError('VALUE_INVALID', `A step of ${step} between thresholds.`, {
      where: 'step',
      hint: 'Give a whole part of 1, such as 0.01.',
    });
  }
  return defineMeasure({
    name: figure === 'S_IoU' ? 'similarity-iou' : `similarity-iou ${figure}`,
    switches: { oracle: true, step },
    part: ratioSums,
    count: ({ queries }) => {
      const sums = new RatioCounter();
      for (const { map, truth, ignore } of queries) {
        const best = bestThreshold(map, truth, step, ignore);
        sums.add(`${figure} gIoU`, queryIou(best), 1);
        sums.add(`${figure} cIoU`, best.intersection, best.union);
        sums.add(`${figure} threshold`, best.threshold, 1);
      }
      return sums.sums();
    },
    prepare: (parts, only) => ratioEstimator(parts, iouRule({}), only),
  });
}
