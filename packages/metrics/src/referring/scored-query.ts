import type { RleMask } from '@maskloom/core';
import type { ReferringPhrase } from './phrase.js';
import type { PredictedMask } from '../referring-scores.js';
import { swapPartners } from '../swapped.js';

/** One phrase, what a system answered, and what is true. All masks have the size of the image. */
export interface ScoredQuery {
  /** The union of the masks of the answer that the system wrote; absent for a refusal. */
  readonly prediction?: RleMask | undefined;
  /** The mask it gives when the right answer is put in its mouth (teacher forcing). */
  readonly forced?: RleMask | undefined;
  /** The target: one mask, or one per polygon; absent when nothing fits the phrase. */
  readonly truth?: RleMask | readonly RleMask[] | undefined;
  /** Pixels that count for neither side (ground truth 255). */
  readonly ignore?: RleMask | undefined;
  /** Whether something fits the phrase; given for queries of a set with false premises. */
  readonly present?: boolean | undefined;
  /** Kind of the phrase, for the parts of `See`. */
  readonly kind?: string | undefined;
  /** Which of the sample's paraphrases it is; 0 when absent. */
  readonly textIndex?: number | undefined;
  /** Columns of gIoU and cIoU that it counts in; `all`, or none where `present` is given, when absent. */
  readonly columns?: readonly string[] | undefined;
}

/**
 * True expressions of one image with the columns of {@link ReferringScores.addExpressions}: `all` and the kind, then
 * `paired` and `control` (the swapped phrase's prediction) where another target is in the image.
 * @param queries - in the order of the file
 * @param predict - the prediction for each query's text
 */
export function expressionQueries<Q extends ReferringPhrase>(
  queries: readonly Q[],
  predict: (query: Q) => PredictedMask,
): ScoredQuery[] {
  const partners = swapPartners(queries.map((query) => query.annId));
  return queries.flatMap((query, j): ScoredQuery[] => {
    const kind = query.needsRelation === true ? 'needs-relation' : (query.kind ?? 'other');
    const own = { prediction: predict(query), truth: query.mask };
    const partner = queries[partners[j] ?? -1];
    if (partner === undefined) return [{ ...own, columns: ['all', kind] }];
    return [
      { ...own, columns: ['all', kind, 'paired'] },
      { prediction: predict(partner), truth: query.mask, columns: ['control'] },
    ];
  });
}

/** True and false expressions of one image of a false-premise set, as {@link ReferringScores.addPremises} counts them. */
export function premiseQueries<Q extends ReferringPhrase>(
  queries: readonly Q[],
  predict: (query: Q) => PredictedMask,
): ScoredQuery[] {
  return queries.map((query) => ({
    prediction: predict(query),
    truth: query.mask,
    present: query.present,
    kind: query.kind,
  }));
}
