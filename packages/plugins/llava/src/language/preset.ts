import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const llavaPreset = z.object({
  hidden: z.number().int().positive(),
  imageTokens: z.number().int().positive(),
  prompt: z
    .string()
    .refine((text) => text.split('{image}').length === 2, 'must hold {image} once')
    .refine(
      (text) => (text.split('{image}')[1] ?? '').split('{text}').length === 2,
      'must hold {text} once, after {image}',
    ),
  bos: z.string().min(1),
  eos: z.string().min(1),
  imStart: z.string().min(1),
  maxNewTokens: z.number().int().positive(),
  lowercase: z.boolean().default(true),
});

/**
 * A bundle's constants for LLaVA: width of the hidden states, number of image tokens, the prompt with its
 * `{image}` and `{text}` places, the special tokens, the longest answer in tokens, and whether the user's
 * words are lower-cased (as the systems here are trained).
 */
export type LlavaPreset = z.output<typeof llavaPreset>;

/**
 * Reads a bundle's `llava` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readLlavaPreset(models: ModelHost): LlavaPreset {
  return readPreset(models, 'llava', llavaPreset);
}
