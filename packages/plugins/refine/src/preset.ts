import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const byte = z.number().int().min(0).max(255);
const wordings = z.array(z.string().min(1)).min(1);

const refinePreset = z.object({
  paradigm: z.string().min(1),
  situations: z.object({
    mask: wordings,
    category: z
      .array(z.string().refine((text) => text.includes('{category}'), 'must hold {category}'))
      .min(1),
    missed: wordings,
  }),
  colour: z.tuple([byte, byte, byte]).default([255, 0, 255]),
  alpha: z.number().int().min(0).max(256).default(128),
  boxPrompt: z.boolean().default(true),
  maskPrompt: z.boolean().default(true),
  fit: z.boolean().default(true),
  ownWords: z.boolean().default(false),
  asked: z.number().int().positive().default(16),
});

/**
 * A bundle's constants for refinement: how the previous mask is shown to the tower, the wordings it was trained with,
 * the colour and opacity (of 256) of a drawn mask, whether the box and the previous mask also prompt the mask
 * decoder, whether the patch whose own mask fits best answers (else the one with the highest objectness), whether what was
 * said reaches the model word by word, and how many of the best patches are compared, and asked for another name.
 */
export type RefinePreset = z.output<typeof refinePreset>;

/**
 * Reads a bundle's `refine` preset.
 * @throws MaskloomError BUNDLE_INVALID naming the field
 */
export function readRefinePreset(models: ModelHost): RefinePreset {
  return readPreset(models, 'refine', refinePreset);
}
