import { z } from 'zod';
import { MaskloomError, type ModelHost } from '@maskloom/core';

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

/**
 * Reads a bundle's `clip` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readClipPreset(models: ModelHost): ClipPreset {
  const parsed = clipPreset.safeParse(models.preset('clip'));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = `${models.bundle}: presets.clip.${issue?.path.join('.') ?? ''}`;
  throw new MaskloomError(
    'BUNDLE_INVALID',
    `The bundle's CLIP preset is not valid: ${issue?.message ?? 'unknown'}.`,
    {
      where,
      hint: 'Export the bundle again with the training kit.',
      cause: parsed.error,
    },
  );
}
