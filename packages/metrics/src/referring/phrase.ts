import type { RleMask } from '@maskloom/core';

/** What scoring needs to know of a phrase asked about an image. */
export interface ReferringPhrase {
  /** Annotation of the target; for a false premise, of the object the phrase was made from. */
  readonly annId: number;
  /** The target's mask, of the image's size; `undefined` for a false premise. */
  readonly mask: RleMask | undefined;
  /** Whether something in the image fits the phrase. */
  readonly present: boolean;
  /** Kind of the phrase, for figures by kind. */
  readonly kind?: string | undefined;
  /** The phrase fits several things without its relation. */
  readonly needsRelation?: boolean | undefined;
}
