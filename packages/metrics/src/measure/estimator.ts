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
}
