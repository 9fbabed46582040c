import { z } from 'zod';
import type { Estimator } from './estimator.js';

/** By figure: [sum of numerators, sum of denominators, queries] of one image. */
export type RatioSums = Readonly<Record<string, readonly [number, number, number]>>;

/** Checks stored {@link RatioSums}. */
export const ratioSums: z.ZodType<RatioSums> = z.record(
  z.string(),
  z.tuple([z.number(), z.number(), z.number().int().min(0)]),
);

/** Sums ratios up, figure by figure. */
export class RatioCounter {
  readonly #sums = new Map<string, [number, number, number]>();

  /** Counts one query into a figure. */
  add(figure: string, numerator: number, denominator: number): void {
    const sum = this.#sums.get(figure);
    if (sum === undefined) this.#sums.set(figure, [numerator, denominator, 1]);
    else {
      sum[0] += numerator;
      sum[1] += denominator;
      sum[2]++;
    }
  }

  /** What was counted, figures by name. */
  sums(): RatioSums {
    return Object.fromEntries([...this.#sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** A figure of its sums; NaN where it is undefined. */
export type RatioRule = (figure: string, numerator: number, denominator: number, n: number) => number;

/** Ratio of sums; undefined when nothing was counted. */
export const plainRatio: RatioRule = (_, numerator, denominator) => numerator / denominator;

/** An estimator of ratios of sums. */
export function ratioEstimator(
  parts: readonly RatioSums[],
  rule: RatioRule,
  only?: readonly string[],
): Estimator {
  const wanted = only && new Set(only);
  const names = [...new Set(parts.flatMap((part) => Object.keys(part)))]
    .filter((name) => wanted?.has(name) ?? true)
    .sort();
  const sums = names.map((name) => {
    const column = new Float64Array(3 * parts.length);
    parts.forEach((part, i) => column.set(part[name] ?? [0, 0, 0], 3 * i));
    return column;
  });
  const values = new Float64Array(names.length);
  return {
    names,
    counts: sums.map((column) => column.reduce((n, value, i) => (i % 3 === 2 ? n + value : n), 0)),
    estimate(weights) {
      sums.forEach((column, f) => {
        let top = 0;
        let bottom = 0;
        let n = 0;
        for (let i = 0, at = 0; i < parts.length; i++, at += 3) {
          const weight = weights === undefined ? 1 : (weights[i] as number);
          if (weight === 0) continue;
          top += weight * (column[at] as number);
          bottom += weight * (column[at + 1] as number);
          n += weight * (column[at + 2] as number);
        }
        values[f] = rule(names[f] as string, top, bottom, n);
      });
      return values;
    },
  };
}
