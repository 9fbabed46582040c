import {
  areaOfRuns,
  complementOfRuns,
  intersectionOfRuns,
  mergeRuns,
  runsOfRle,
  type MaskRuns,
  type RleMask,
} from '@maskloom/core';

/** Pixels shared by a prediction and the truth, and pixels in either. */
export interface PixelCounts {
  /** Pixels in both. */
  readonly intersection: number;
  /** Pixels in at least one. */
  readonly union: number;
}

/**
 * Counts a prediction against the truth. A missing mask is an empty one.
 * @param ignore - pixels that count for neither side (ground truth 255)
 * @throws MaskloomError `MASK_INVALID` when a mask is malformed or the sizes differ
 */
export function countPixels(
  prediction: RleMask | undefined,
  truth: RleMask | undefined,
  ignore?: RleMask,
): PixelCounts {
  const keep = ignore === undefined ? undefined : complementOfRuns(runsOfRle(ignore, 'ignore'));
  const a = prediction && visible(runsOfRle(prediction, 'prediction'), keep);
  const b = truth && visible(runsOfRle(truth, 'truth'), keep);
  const intersection = a && b ? intersectionOfRuns(a, b) : 0;
  return { intersection, union: (a ? areaOfRuns(a) : 0) + (b ? areaOfRuns(b) : 0) - intersection };
}

function visible(runs: MaskRuns, keep: MaskRuns | undefined): MaskRuns {
  return keep === undefined ? runs : mergeRuns([runs, keep], 'intersection');
}
