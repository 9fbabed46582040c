import { maskArea, type RleMask } from '@maskloom/core';
import type { ReferringPhrase } from './referring/phrase.js';
import { queryIou } from './iou.js';
import { countPixels } from './mask-overlap.js';
import { swapPartners } from './swapped.js';
import type { BootstrapOptions } from './intervals.js';
import { Tally, type Figure } from './tally.js';

/** What a system said to one phrase: the union of the answer's masks, or `undefined` for a refusal. */
export type PredictedMask = RleMask | undefined;

/**
 * The held-out figures of a system, column by column as the training kit prints them:
 * `cIoU` and `gIoU` for `all`, `attribute`, `relation`, `needs-relation` and `stuff` phrases; `paired` and `control` for
 * the queries that have a swapped phrase, with their own and with the swapped phrase's prediction; on false premises
 * `See` (presence said = presence true; a refusal or an empty mask says absent), its parts `See accept`, `See reject` and
 * `See reject <kind>`, and `Segment cIoU` (a hallucinated mask adds to the union).
 */
export class ReferringScores {
  readonly #tally = new Tally();

  /**
   * Counts the true expressions of one image.
   * @param queries - in the order of the refs file
   * @param predict - the prediction for each query's text
   * @throws MaskloomError `MASK_INVALID` when a predicted mask is malformed or of another size
   */
  addExpressions<Q extends ReferringPhrase>(
    image: number | string,
    queries: readonly Q[],
    predict: (query: Q) => PredictedMask,
  ): void {
    const partners = swapPartners(queries.map((query) => query.annId));
    queries.forEach((query, j) => {
      this.#count(
        image,
        ['all', query.needsRelation === true ? 'needs-relation' : (query.kind ?? 'other')],
        predict(query),
        query.mask,
      );
      const partner = queries[partners[j] ?? -1];
      if (partner === undefined) return;
      this.#count(image, ['paired'], predict(query), query.mask);
      this.#count(image, ['control'], predict(partner), query.mask);
    });
  }

  /**
   * Counts the expressions of one image of a false-premise set, true and false ones.
   * @throws MaskloomError `MASK_INVALID` when a predicted mask is malformed or of another size
   */
  addPremises<Q extends ReferringPhrase>(
    image: number | string,
    queries: readonly Q[],
    predict: (query: Q) => PredictedMask,
  ): void {
    for (const query of queries) {
      const mask = predict(query);
      const right = (mask !== undefined && maskArea(mask) > 0) === query.present ? 1 : 0;
      this.#tally.add('See', image, right, 1);
      this.#tally.add(query.present ? 'See accept' : 'See reject', image, right, 1);
      if (!query.present) this.#tally.add(`See reject ${query.kind ?? 'other'}`, image, right, 1);
      const { intersection, union } = countPixels(mask, query.mask);
      this.#tally.add('Segment cIoU', image, intersection, union);
    }
  }

  /** Every column's figure with its 95 % interval, images resampled. */
  figures(options?: BootstrapOptions): Record<string, Figure> {
    return this.#tally.figures(options);
  }

  #count(
    image: number | string,
    columns: readonly string[],
    predicted: PredictedMask,
    truth: RleMask | undefined,
  ): void {
    const counts = countPixels(predicted, truth);
    for (const column of columns) {
      this.#tally.add(`cIoU ${column}`, image, counts.intersection, counts.union);
      this.#tally.add(`gIoU ${column}`, image, queryIou(counts), 1);
    }
  }
}
