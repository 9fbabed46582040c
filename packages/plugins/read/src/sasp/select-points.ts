import type { PointLabel } from '@maskloom/core';
import type { Grid } from './score-grid.js';

/** Thresholds given as numbers on the min-maxed scores. */
export interface FixedThresholds {
  /** Says which kind this is. */
  readonly mode: 'fixed';
  /** Scores from here on are positive. */
  readonly positive: number;
  /** Scores up to here are negative. */
  readonly negative: number;
}

/** Thresholds from the scores themselves (READ, Algorithm 1). */
export interface MeanSigmaThresholds {
  /** Says which kind this is. */
  readonly mode: 'meanSigma';
  /** Half width of the neutral band, in standard deviations; the paper has 0.5. */
  readonly epsilon: number;
}

/** How the two thresholds on the min-maxed scores are set. */
export type Thresholds = FixedThresholds | MeanSigmaThresholds;

/** One chosen cell of the grid. */
export interface ChosenCell {
  /** Row-major index into the grid. */
  readonly cell: number;
  readonly label: PointLabel;
}

/**
 * The positive and negative thresholds for a min-maxed grid: as given, or READ's Algorithm 1, lines 1-2:
 * mean +/- epsilon standard deviations (population).
 */
export function thresholdsFor(scores: Grid, thresholds: Thresholds): { positive: number; negative: number } {
  if (thresholds.mode === 'fixed') return thresholds;
  const n = scores.values.length;
  const mean = scores.values.reduce((sum, value) => sum + value, 0) / n;
  const variance = scores.values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  const spread = Math.sqrt(variance) * thresholds.epsilon;
  return { positive: mean + spread, negative: mean - spread };
}

/** Thresholds that make every cell neutral: a flat grid is no evidence either way. */
export const NEUTRAL_ONLY = { positive: Infinity, negative: -Infinity } as const;

/**
 * Chooses points on a grid of scores in [0, 1]: positives (score >= positive) by falling score, then negatives
 * (score <= negative) by rising score, then neutrals in raster order, cut to `count`. Equal scores keep
 * raster order. There is no balancing: `count` positives leave no negatives, as in the released code.
 * Scores below 0 mark cells outside what was seen; they are never chosen.
 * @param limits - compared in float32, as the reference does
 */
export function selectPoints(
  scores: Grid,
  limits: { readonly positive: number; readonly negative: number },
  count: number,
): readonly ChosenCell[] {
  const high = Math.fround(limits.positive);
  const low = Math.fround(limits.negative);
  const positives: number[] = [];
  const negatives: number[] = [];
  const neutrals: number[] = [];
  scores.values.forEach((score, cell) => {
    if (score < 0) return;
    if (score >= high) positives.push(cell);
    else if (score <= low) negatives.push(cell);
    else neutrals.push(cell);
  });
  const at = (cell: number): number => scores.values[cell] ?? 0;
  positives.sort((a, b) => at(b) - at(a) || a - b);
  negatives.sort((a, b) => at(a) - at(b) || a - b);
  const labelled = (list: number[], label: PointLabel): ChosenCell[] => list.map((cell) => ({ cell, label }));
  return [...labelled(positives, 1), ...labelled(negatives, 0), ...labelled(neutrals, -1)].slice(0, count);
}
