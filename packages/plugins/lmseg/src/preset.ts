import { z } from 'zod';
import { presetReader, type ModelHost } from '@maskloom/core';

const invented = z.object({ name: z.string(), shape: z.string(), colour: z.string(), texture: z.string() });

const lmsegPreset = z.object({
  window: z.number().int().positive(),
  overlap: z
    .number()
    .min(0)
    .max(0.9)
    .default(1 / 3),
  resizeTo: z.number().int().positive(),
  chunk: z.number().int().positive().default(64),
  layers: z.number().int().min(0).max(8).default(2),
  outerResidual: z.boolean().default(false),
  classCap: z.number().int().min(1).nullish(),
  background: z.number().min(0).max(1).nullish(),
  heldOutClasses: z.array(z.string()).default([]),
  vocabulary: z
    .object({
      shapes: z.array(z.string()),
      stuff: z.array(z.string()),
      invented: z.array(invented).default([]),
    })
    .optional(),
});

/** A bundle's constants for LMSeg: views, class chunks, layers, world. */
export type LmsegPreset = z.output<typeof lmsegPreset>;

/** Reads a bundle's `lmseg` preset. Throws MaskloomError `BUNDLE_INVALID` naming the field. */
export const readLmsegPreset: (models: ModelHost) => LmsegPreset = presetReader('lmseg', lmsegPreset);
