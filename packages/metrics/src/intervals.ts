import { MaskloomError, Prng } from '@maskloom/core';
import { percentileInterval } from './percentile-interval.js';

/** [low, high] of a confidence interval. */
export type Interval = readonly [number, number];

/** One query's share of a ratio of sums, with the cluster (image) it belongs to. */
export interface RatioPart {
  /** What it shares with dependent queries: its image. */
  readonly cluster: number | string;
  /** Added to the ratio's upper sum. */
  readonly numerator: number;
  /** Added to the ratio's lower sum. */
  readonly denominator: number;
}

/** How to draw. */
export interface BootstrapOptions {
  /** Resamples; 1000 when absent. */
  readonly draws?: number;
  /** Seed of the draws; 20 when absent. */
  readonly seed?: number;
  /** Coverage; 0.95 when absent. */
  readonly level?: number;
}

/**
 * Percentile bootstrap interval of sum(numerator) / sum(denominator), whole clusters drawn with replacement (Efron and
 * Tibshirani 1993, section 13.3): queries about one image are not independent, images are. A draw whose denominators
 * sum to 0 counts as 0.
 * @throws MaskloomError `VALUE_INVALID` when there are no parts, or the level is not between 0 and 1
 */
export function bootstrapRatio(parts: readonly RatioPart[], options: BootstrapOptions = {}): Interval {
  const { draws = 1000, seed = 20, level = 0.95 } = options;
  if (parts.length === 0) throw new MaskloomError('VALUE_INVALID', 'A bootstrap needs at least one query.');
  checkDraws(draws, level);
  const sums = new Map<number | string, [number, number]>();
  for (const { cluster, numerator, denominator } of parts) {
    const sum = sums.get(cluster) ?? [0, 0];
    sums.set(cluster, [sum[0] + numerator, sum[1] + denominator]);
  }
  const clusters = [...sums.values()];
  const prng = new Prng(seed);
  const values = new Float64Array(draws);
  for (let d = 0; d < draws; d++) {
    let top = 0;
    let bottom = 0;
    for (let i = 0; i < clusters.length; i++) {
      const [numerator, denominator] = clusters[prng.int(clusters.length)] as [number, number];
      top += numerator;
      bottom += denominator;
    }
    values[d] = bottom === 0 ? 0 : top / bottom;
  }
  return percentileInterval(values, level);
}

/** @throws MaskloomError `VALUE_INVALID` unless there is at least one draw and 0 < level < 1 */
export function checkDraws(draws: number, level: number): void {
  if (Number.isInteger(draws) && draws >= 1 && level > 0 && level < 1) return;
  throw new MaskloomError('VALUE_INVALID', `${draws} draws for a level of ${level}.`, {
    hint: 'Give at least one draw, and a level between 0 and 1.',
  });
}

/**
 * Wilson score interval of a proportion (Wilson 1927, eq. 4), for independent trials.
 * @param z - standard normal quantile; 1.959964 (95 %) when absent
 * @throws MaskloomError `VALUE_INVALID` unless 0 <= successes <= trials and trials >= 1
 */
export function wilsonInterval(successes: number, trials: number, z = 1.959964): Interval {
  if (!(trials >= 1 && successes >= 0 && successes <= trials)) {
    throw new MaskloomError('VALUE_INVALID', `${successes} of ${trials} is no proportion.`);
  }
  const p = successes / trials;
  const z2 = z * z;
  const centre = p + z2 / (2 * trials);
  const spread = z * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  const scale = 1 + z2 / trials;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
