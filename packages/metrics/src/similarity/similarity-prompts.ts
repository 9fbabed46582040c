import { resizeBilinear, type PointSet, type ScoreMap } from '@maskloom/core';
import { unitRange } from './at-image-size.js';

/** How points are chosen. */
export interface SimilarityPromptOptions {
  /** Cells at least this similar are positive, in 0..1 of the map's range; 0.8 when absent. */
  readonly threshold?: number;
  /** Cells are averaged in squares of this side first; 2 when absent. */
  readonly pool?: number;
}

/**
 * Points for READ's P_prompt (table 1), which asks plain SAM to segment from a similarity map: the n most similar cells are
 * positive and the n least similar negative, n being the number of cells over the threshold, at most half of all. In READ's
 * visualisation code points are pixel centres rounded down; here they lie in the part of the image that the map covers.
 * @returns positive points by falling similarity, then negative ones by rising; equal cells in raster order
 * @throws MaskloomError `VALUE_INVALID` when the map holds numbers that are not finite
 */
export function similarityPrompts(map: ScoreMap, options: SimilarityPromptOptions = {}): PointSet<'ImagePx'> {
  const { threshold = 0.8, pool = 2 } = options;
  const columns = Math.max(1, Math.floor(map.columns / pool));
  const rows = Math.max(1, Math.floor(map.rows / pool));
  const pooled = resizeBilinear(
    { width: map.columns, height: map.rows, values: map.values },
    { width: columns, height: rows },
  );
  const scores = unitRange(pooled.values);
  const order = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const over = scores.filter((score) => score >= threshold).length;
  const n = Math.max(1, Math.min(over, Math.floor(order.length / 2)));
  const lowest = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  const chosen = [...order.slice(0, n), ...(order.length > n ? lowest.slice(0, n) : [])];
  const [left, top, width, height] = map.covers;
  const xy = Float32Array.from(
    chosen.flatMap((cell) => [
      Math.floor(left + (((cell % columns) + 0.5) * width) / columns),
      Math.floor(top + ((Math.floor(cell / columns) + 0.5) * height) / rows),
    ]),
  );
  return { frame: 'ImagePx', xy, labels: Int8Array.from(chosen, (_, i) => (i < n ? 1 : 0)) };
}
