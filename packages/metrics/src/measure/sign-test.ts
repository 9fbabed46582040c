/**
 * Two-sided exact sign test: the probability of a split at least as uneven when both sides are equally likely.
 * @param wins - whole number >= 0
 * @param losses - whole number >= 0; at least one of the two is positive
 */
export function signTest(wins: number, losses: number): number {
  const n = wins + losses;
  const few = Math.min(wins, losses);
  // Sum of binomial probabilities, each from the last one, in logarithms: 0.5^n underflows for n over 1,000.
  let log = -n * Math.LN2;
  let sum = Math.exp(log);
  for (let k = 1; k <= few; k++) {
    log += Math.log((n - k + 1) / k);
    sum += Math.exp(log);
  }
  return Math.min(1, 2 * sum);
}
