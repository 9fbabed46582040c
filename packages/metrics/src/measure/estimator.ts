/** Draws that {@link Estimator.estimateBlock} takes together. */
export const BLOCK = 8;

/** Figures as a function of how often each image counts: what values, intervals and tests are all made of. */
export interface Estimator {
  /** Names of the figures. */
  readonly names: readonly string[];
  /** What was counted for each figure, every image once. */
  readonly counts: readonly number[];
  /**
   * The figures when image i counts `weights[i]` times, every image once when absent.
   * @param weights - one integer >= 0 per image
   * @returns one value per name; NaN where it is undefined. The array may be reused by the next call.
   */
  estimate(weights?: Float64Array): Float64Array;
  /**
   * What {@link estimate} gives for {@link BLOCK} draws, to the bit, where that is quicker than one after the other.
   * @param weights - one integer >= 0 per image and draw, [image, draw]; those of a draw sum to at most the number of images
   * @returns [name, draw]; NaN where a figure is undefined. The array may be reused by the next call.
   */
  estimateBlock?(weights: Int32Array): Float64Array;
}
