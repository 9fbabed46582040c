import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const siglipPreset = z.object({
  imageSize: z.number().int().positive(),
  patchSize: z.number().int().positive(),
  mean: z.tuple([z.number(), z.number(), z.number()]).default([0.5, 0.5, 0.5]),
  std: z
    .tuple([z.number().positive(), z.number().positive(), z.number().positive()])
    .default([0.5, 0.5, 0.5]),
  resample: z.enum(['bilinear', 'bicubic']).default('bicubic'),
  crop: z.enum(['stretch', 'centre', 'pad']).default('stretch'),
});

/** A bundle's constants for SigLIP: input and patch side, pixel statistics in 0..1, resampling, fitting. */
export type SiglipPreset = z.output<typeof siglipPreset>;

/**
 * Reads a bundle's `siglip` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readSiglipPreset(models: ModelHost): SiglipPreset {
  return readPreset(models, 'siglip', siglipPreset);
}
