import type { ScoreMap } from './score-map.js';

/** One class that was looked for, and what stands behind its score. */
export interface ClassEvidence {
  /** Its name. */
  readonly label: string;
  /** The sentences that its embedding was made of. */
  readonly descriptions: readonly string[];
  /** Share of the image's pixels that it was given, 0..1. */
  readonly share: number;
  /** Similarity of the image's features with its embedding, before any enhancement. */
  readonly cost?: ScoreMap;
}

/** How a fusion weighed text-aligned features (w) against spatial ones (1 - w). */
export interface FusionEvidence {
  /** One number, one per channel, or one per cell. */
  readonly kind: 'scalar' | 'channel' | 'position';
  /** Mean of w, 0..1. */
  readonly mean: number;
  /** Lowest w. */
  readonly lowest: number;
  /** Highest w. */
  readonly highest: number;
  /** The weight of each cell, for kind `position`. */
  readonly map?: ScoreMap;
}

/** What stands behind a semantic result over a list of classes. */
export interface SemanticEvidence {
  /** Views that the image was looked at in. */
  readonly views: number;
  /** Every class that was looked for, in the order asked for. */
  readonly classes: readonly ClassEvidence[];
  /** The learned weight, where the fusion has one. */
  readonly fusion?: FusionEvidence;
}
