import { z } from 'zod';
import { presetReader, type ModelHost } from '@maskloom/core';

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

/** A bundle's constants for SigLIP. */
export interface SiglipPreset {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Side of a patch in pixels of the input. */
  readonly patchSize: number;
  /** Subtracted from red, green and blue, pixels being in 0..1; default 0.5 each. */
  readonly mean: readonly [number, number, number];
  /** Red, green and blue are divided by it after that; above 0, default 0.5 each. */
  readonly std: readonly [number, number, number];
  /** How pixels are interpolated when an image is resized; default `bicubic`. */
  readonly resample: 'bilinear' | 'bicubic';
  /** How an image becomes square: its shape given up (default), its middle cut out, or borders added. */
  readonly crop: 'stretch' | 'centre' | 'pad';
}

/** Reads a bundle's `siglip` preset. Throws MaskloomError `BUNDLE_INVALID` naming the field. */
export const readSiglipPreset: (models: ModelHost) => SiglipPreset = presetReader('siglip', siglipPreset);
