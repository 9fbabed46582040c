import { z } from 'zod';
import { MaskloomError, type ModelHost } from '@maskloom/core';

const samPreset = z.object({
  imageSize: z.number().int().positive(),
  maskSize: z.number().int().positive(),
  embedDim: z.number().int().positive(),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  resample: z.enum(['bilinear', 'bicubic']).default('bilinear'),
});

/** A bundle's constants for SAM: input side, mask logits' side, decoder width, pixel statistics in 0..255, resampling. */
export type SamPreset = z.output<typeof samPreset>;

/**
 * Reads a bundle's `sam` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readSamPreset(models: ModelHost): SamPreset {
  const parsed = samPreset.safeParse(models.preset('sam'));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = `${models.bundle}: presets.sam.${issue?.path.join('.') ?? ''}`;
  throw new MaskloomError(
    'BUNDLE_INVALID',
    `The bundle's SAM preset is not valid: ${issue?.message ?? 'unknown'}.`,
    {
      where,
      hint: 'Export the bundle again with the training kit.',
      cause: parsed.error,
    },
  );
}
