import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const languagePreset = z.object({
  hidden: z.number().int().positive(),
  imageTokens: z.number().int().positive(),
  prompt: z
    .string()
    .refine((text) => text.split('{image}').length === 2, 'must hold {image} once')
    .refine((text) => text.split('{text}').length === 2, 'must hold {text} once'),
  bos: z.string().min(1),
  eos: z.string().min(1),
  imStart: z.string().min(1),
  maxNewTokens: z.number().int().positive(),
  lowercase: z.boolean().default(true),
});

/**
 * A bundle's constants for a language model that sees: width of the hidden states, number of image tokens, the prompt
 * with its `{image}` and `{text}` places, the special tokens, the longest answer in tokens, and whether the user's
 * words are lower-cased (as the systems here are trained).
 */
export type LanguagePreset = z.output<typeof languagePreset>;

const llavaPreset = languagePreset.refine(
  ({ prompt }) => prompt.indexOf('{text}') > prompt.indexOf('{image}'),
  { path: ['prompt'], message: 'must hold {text} once, after {image}' },
);

/**
 * Reads a bundle's `llava` preset: the words come after the image, which is read once for all of them.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readLlavaPreset(models: ModelHost): LanguagePreset {
  return readPreset(models, 'llava', llavaPreset);
}

const oneVisionPreset = languagePreset.extend({
  decode: z
    .string()
    .refine((text) => text.split('<CATEGORY>').length === 2, 'must hold <CATEGORY> once')
    .default('USER: <CATEGORY> what is it? ASSISTANT: It is'),
  decodeStop: z.string().min(1).default('.'),
  regionStop: z.string().min(1).default(','),
  maxNameTokens: z.number().int().positive().default(8),
});

/**
 * A bundle's constants for LLaVA-OneVision: those of a language model that sees, and the template that names a category
 * embedding.
 */
export type OneVisionPreset = z.output<typeof oneVisionPreset>;

/**
 * Reads a bundle's `onevision` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readOneVisionPreset(models: ModelHost): OneVisionPreset {
  return readPreset(models, 'onevision', oneVisionPreset);
}
