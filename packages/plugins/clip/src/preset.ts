import { z } from 'zod';
import { presetReader, type ModelHost } from '@maskloom/core';

const clipPreset = z.object({
  imageSize: z.number().int().positive(),
  patchSize: z.number().int().positive(),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  resample: z.enum(['bilinear', 'bicubic']).default('bicubic'),
  crop: z.literal('centre').default('centre'),
});

/** A bundle's constants for CLIP: input and patch side, pixel statistics in 0..1, resampling, crop. */
export type ClipPreset = z.output<typeof clipPreset>;

/** Reads a bundle's `clip` preset. Throws MaskloomError `BUNDLE_INVALID` naming the field. */
export const readClipPreset: (models: ModelHost) => ClipPreset = presetReader('clip', clipPreset);
