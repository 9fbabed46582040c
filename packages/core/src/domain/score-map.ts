/** A small map of scores over an image, for pictures and reports: similarity, objectness, cost. */
export interface ScoreMap {
  /** What the scores mean. */
  readonly kind: 'similarity' | 'objectness' | 'cost' | 'weight' | 'score';
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Cells from left to right. */
  readonly columns: number;
  /** Row-major, length rows * columns; raw scores, not normalised. */
  readonly values: Float32Array;
  /** The part of the original image that the map covers, in ImagePx: [x, y, width, height]. */
  readonly covers: readonly [number, number, number, number];
}
