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

/** A bundle's constants for a language model that sees. */
export interface LanguagePreset {
  /** Width of the hidden states. */
  readonly hidden: number;
  /** Tokens that an image becomes. */
  readonly imageTokens: number;
  /** The prompt, with `{image}` and `{text}` once each where those go. */
  readonly prompt: string;
  /** Token that begins a prompt, as text. */
  readonly bos: string;
  /** Token that ends an answer, as text. */
  readonly eos: string;
  /** Token that stands before the image, as text. */
  readonly imStart: string;
  /** Longest answer in tokens. */
  readonly maxNewTokens: number;
  /** Whether the user's words are lower-cased, as the systems here are trained; default true. */
  readonly lowercase: boolean;
}

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

/** A bundle's constants for LLaVA-OneVision: those of a language model that sees, and those that names need. */
export interface OneVisionPreset extends LanguagePreset {
  /** The prompt that makes a category embedding a name; the embedding takes the place of `<CATEGORY>`. */
  readonly decode: string;
  /** Text that ends a name written from a category embedding; default `.`. */
  readonly decodeStop: string;
  /** Text that ends a name written along a region; default `,`. */
  readonly regionStop: string;
  /** Longest name in tokens; default 8. */
  readonly maxNameTokens: number;
}

/**
 * Reads a bundle's `onevision` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readOneVisionPreset(models: ModelHost): OneVisionPreset {
  return readPreset(models, 'onevision', oneVisionPreset);
}
