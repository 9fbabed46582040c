import { resizeBilinear, type PointSet, type ScoreMap, type Size } from '@maskloom/core';
import { unitRange } from './at-image-size.js';

/** How points are chosen. */
export interface SimilarityPromptOptions {
  /** Cells at least this similar are positive, in 0..1 of the map's range; 0.8 when absent. */
  readonly threshold?: number;
  /** Cells are averaged in squares of this side first; 2 when absent. */
  readonly pool?: number;
  /**
   * With the image's size, as READ's visualisation code has it: the map is laid over the whole image, whatever part of it the
   * model saw, and points stay inside it. Without, points lie in the part that the map covers.
   */
  readonly over?: Size;
}

/**
 * Points for READ's P_prompt (table 1), which asks plain SAM to segment from a similarity map: the n most similar cells are
 * positive and the n least similar negative, n being the number of cells over the threshold, at most half of all. Points are
 * the middles of cells, rounded down to whole pixels as in READ's visualisation code.
 * @returns positive points by falling similarity, then negative ones by rising; equal cells in raster order
 * @throws MaskloomError `VALUE_INVALID` when the map holds numbers that are not finite
 */
export function similarityPrompts(map: ScoreMap, options: SimilarityPromptOptions = {}): PointSet<'ImagePx'> {
  const { threshold = 0.8, pool = 2, over } = options;
  const columns = Math.max(1, Math.floor(map.columns / pool));
  const rows = Math.max(1, Math.floor(map.rows / pool));
  const pooled = resizeBilinear(
    { width: map.columns, height: map.rows, values: map.values },
    { width: columns, height: rows },
  );
  const scores = unitRange(pooled.values);
  const order = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const reached = scores.filter((score) => score >= threshold).length;
  const n = Math.max(1, Math.min(reached, Math.floor(order.length / 2)));
  const lowest = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  const chosen = [...order.slice(0, n), ...(order.length > n ? lowest.slice(0, n) : [])];
  const [left, top, width, height] = over === undefined ? map.covers : [0, 0, over.width, over.height];
  const [right, bottom] = [left + width - 1, top + height - 1];
  const xy = Float32Array.from(
    chosen.flatMap((cell) => [
      Math.floor(Math.min(left + (((cell % columns) + 0.5) * width) / columns, right)),
      Math.floor(Math.min(top + ((Math.floor(cell / columns) + 0.5) * height) / rows, bottom)),
    ]),
  );
  return { frame: 'ImagePx', xy, labels: Int8Array.from(chosen, (_, i) => (i < n ? 1 : 0)) };
}
