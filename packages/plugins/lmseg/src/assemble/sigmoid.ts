/** Probability of a logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The highest of some values; -Infinity of none. */
export function highestOf(values: Float32Array): number {
  let high = -Infinity;
  for (const value of values) if (value > high) high = value;
  return high;
}
