import { z } from 'zod';

/** The sifter's options, checked. */
export const sifterOptions = z.object({
  predIouThresh: z
    .number()
    .min(0)
    .max(1)
    .default(0.88)
    .describe('Masks whose predicted IoU is not above this go; 0 keeps all.'),
  stabilityScoreThresh: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('Masks less stable than this go; 0 keeps all.'),
  stabilityScoreOffset: z
    .number()
    .min(0)
    .default(1)
    .describe('How far above and below the threshold stability is measured, in logits.'),
  boxNmsThresh: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe('Of two masks of one view that overlap more than this, the one of lower quality goes.'),
  cropNmsThresh: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe(
      'Of two masks of different views that overlap more than this, the one of the larger view goes.',
    ),
  minMaskRegionArea: z
    .int()
    .min(0)
    .default(0)
    .describe('Holes and islands of fewer pixels are filled and removed; 0 leaves masks alone.'),
  suppression: z
    .enum(['boxes', 'masks'])
    .default('boxes')
    .describe('Overlap of boxes, as in the reference, or of the masks themselves.'),
});

/** Options of {@link maskSifter}, under the names and with the defaults of segment-anything's generator. */
export interface MaskSifterOptions {
  /** Masks whose predicted IoU is not above this go; default 0.88; 0 keeps all. */
  readonly predIouThresh?: number | undefined;
  /** Masks less stable than this go; default 0.95; 0 keeps all. */
  readonly stabilityScoreThresh?: number | undefined;
  /** How far above and below the threshold stability is measured, in logits; default 1. */
  readonly stabilityScoreOffset?: number | undefined;
  /** Of two masks of one view that overlap more than this, the one of lower predicted IoU goes; default 0.7. */
  readonly boxNmsThresh?: number | undefined;
  /** Of two masks of different views that overlap more than this, the one of the larger view goes; default 0.7. */
  readonly cropNmsThresh?: number | undefined;
  /** Holes and islands of fewer pixels are filled and removed; default 0, which leaves masks alone. */
  readonly minMaskRegionArea?: number | undefined;
  /**
   * What overlap is measured on: `boxes`, as in the reference and by default, or `masks`, so that near-duplicates go and
   * things of one box but different shape stay.
   */
  readonly suppression?: 'boxes' | 'masks' | undefined;
}
