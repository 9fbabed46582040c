import { z } from 'zod';
import { presetReader, type ModelHost } from '@maskloom/core';

const samPreset = z.object({
  imageSize: z.number().int().positive(),
  maskSize: z.number().int().positive(),
  embedDim: z.number().int().positive(),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  resample: z.enum(['bilinear', 'bicubic']).default('bilinear'),
  prompts: z
    .array(z.enum(['point', 'box', 'mask', 'embedding']))
    .default(['point', 'box', 'mask', 'embedding']),
  padAfterBox: z.boolean().default(false),
  fit: z.enum(['pad', 'stretch']).default('pad'),
});

/**
 * A bundle's constants for SAM: input side, mask logits' side, decoder width, pixel statistics in 0..255, resampling;
 * how an image becomes square (padded, or as in SAM 2 stretched);
 * the kinds of prompts that the decoder has weights for; whether a pad point stands behind a box too, as in SAM 2.
 */
export type SamPreset = z.output<typeof samPreset>;

/** Reads a bundle's `sam` preset. Throws MaskloomError `BUNDLE_INVALID` naming the field. */
export const readSamPreset: (models: ModelHost) => SamPreset = presetReader('sam', samPreset);
