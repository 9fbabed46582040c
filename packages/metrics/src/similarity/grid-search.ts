import { MaskloomError, pixelsOfRuns, runsOfRle, type RleMask } from '@maskloom/core';

/** The threshold at which a map fits a truth best. */
export interface BestThreshold {
  /** A pixel belongs to the mask when its score is at least this. */
  readonly threshold: number;
  /** Pixels of the truth that reach it. */
  readonly intersection: number;
  /** Pixels of the truth, or that reach it. */
  readonly union: number;
}

/**
 * Tries every threshold k * step in 0..1, both ends included, and keeps the one of highest IoU (READ, section 3.1; of equals
 * the lowest). Scores and thresholds are compared in double precision. An oracle: it looks at the truth.
 * @param map - row-major [height, width] scores in 0..1
 * @param ignore - pixels that count for neither side
 * @throws MaskloomError `VALUE_INVALID` when the map has another size than the truth or leaves 0..1, `MASK_INVALID` on a
 * malformed mask
 */
export function bestThreshold(
  map: Float32Array,
  truth: RleMask,
  step = 0.01,
  ignore?: RleMask,
): BestThreshold {
  const object = pixelsOfRuns(runsOfRle(truth, 'truth'));
  const hidden = ignore && pixelsOfRuns(runsOfRle(ignore, 'ignore'));
  if (map.length !== object.length || (hidden && hidden.length !== object.length)) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `A map of ${map.length} pixels for a truth of ${object.length}.`,
      {
        hint: 'Bring the map to the size of the image first (similarityAtImageSize).',
      },
    );
  }
  const steps = Math.round(1 / step);
  const level = (k: number): number => k / steps;
  // How many pixels reach exactly k thresholds: those of the truth, and all.
  const inside = new Float64Array(steps + 1);
  const all = new Float64Array(steps + 1);
  let area = 0;
  for (let p = 0; p < map.length; p++) {
    if (hidden?.[p] === 1) continue;
    const score = map[p] as number;
    if (!(score >= 0 && score <= 1)) {
      throw new MaskloomError('VALUE_INVALID', `The map has the score ${score} at pixel ${p}.`, {
        hint: 'Scores lie in 0..1.',
      });
    }
    let k = Math.min(steps, Math.floor(score * steps) + 1);
    while (level(k) > score) k--;
    all[k] = (all[k] as number) + 1;
    if (object[p] === 0) continue;
    area++;
    inside[k] = (inside[k] as number) + 1;
  }
  let best: BestThreshold = { threshold: 1, intersection: 0, union: 0 };
  let bestIou = -1;
  let intersection = 0;
  let predicted = 0;
  for (let k = steps; k >= 0; k--) {
    intersection += inside[k] as number;
    predicted += all[k] as number;
    const union = area + predicted - intersection;
    const iou = union === 0 ? 1 : intersection / union;
    if (iou < bestIou) continue;
    bestIou = iou;
    best = { threshold: level(k), intersection, union };
  }
  return best;
}
