import { MaskloomError } from '@maskloom/core';
import type { PixelCounts } from './mask-overlap.js';

/** Where reference implementations differ. The defaults are exact arithmetic with LISA's rule for empty masks. */
export interface IouRules {
  /** Whether a query with empty truth and empty prediction has IoU 1 (LISA, READ; the default) or 0. */
  readonly emptyUnionIsOne?: boolean;
  /**
   * The small numbers that LISA's evaluation adds: IoU = I / (U + 1e-5), gIoU divided by (n + 1e-5), cIoU by
   * (sum U + 1e-10). Off by default.
   */
  readonly referenceEpsilons?: boolean;
  /** Leave queries with empty truth and empty prediction out of cIoU and gIoU (gRefCOCO counts them apart). */
  readonly skipTrueNegatives?: boolean;
}

/** The IoU of one query, 0..1 (with {@link IouRules.referenceEpsilons} slightly above 1 is possible for empty unions). */
export function queryIou({ intersection, union }: PixelCounts, rules: IouRules = {}): number {
  const { emptyUnionIsOne = true, referenceEpsilons = false } = rules;
  if (union === 0) return emptyUnionIsOne ? 1 : 0;
  return intersection / (referenceEpsilons ? union + 1e-5 : union);
}

/**
 * gIoU: the mean of the queries' IoUs (LISA, section 4.1; not the box-regression loss of that name).
 * @throws MaskloomError `VALUE_INVALID` when there is no query to score
 */
export function gIou(queries: readonly PixelCounts[], rules: IouRules = {}): number {
  const scored = select(queries, rules);
  const sum = scored.reduce((total, query) => total + queryIou(query, rules), 0);
  return sum / (scored.length + (rules.referenceEpsilons === true ? 1e-5 : 0));
}

/**
 * cIoU: all intersections over all unions (LISA, section 4.1). When every union is empty: 1 if that counts as one, but 0
 * with the references' small numbers, as there.
 * @throws MaskloomError `VALUE_INVALID` when there is no query to score
 */
export function cIou(queries: readonly PixelCounts[], rules: IouRules = {}): number {
  const scored = select(queries, rules);
  const intersection = scored.reduce((total, query) => total + query.intersection, 0);
  const union = scored.reduce((total, query) => total + query.union, 0);
  return sumIou(intersection, union, rules);
}

/** Summed intersections over summed unions; with the references' small number an empty union gives 0. */
export function sumIou(intersection: number, union: number, rules: IouRules): number {
  if (rules.referenceEpsilons === true) return intersection / (union + 1e-10);
  if (union === 0) return (rules.emptyUnionIsOne ?? true) ? 1 : 0;
  return intersection / union;
}

function select(queries: readonly PixelCounts[], rules: IouRules): readonly PixelCounts[] {
  const scored = rules.skipTrueNegatives === true ? queries.filter((query) => query.union > 0) : queries;
  if (scored.length === 0) throw new MaskloomError('VALUE_INVALID', 'No queries to score.');
  return scored;
}
