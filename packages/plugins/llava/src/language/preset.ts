import { z } from 'zod';
import { readPreset, type ModelHost } from '@maskloom/core';

const languagePreset = z.object({
  hidden: z.number().int().positive(),
  imageTokens: z.number().int().positive().optional(),
  prompt: z
    .string()
    .refine((text) => text.split('{image}').length === 2, 'must hold {image} once')
    .refine((text) => text.split('{text}').length === 2, 'must hold {text} once'),
  bos: z.string().min(1).optional(),
  eos: z.string().min(1),
  imStart: z.string().min(1).optional(),
  maxNewTokens: z.number().int().positive(),
  lowercase: z.boolean().default(true),
  answer: z.string().min(1).optional(),
  answerPrefix: z.string().default(' '),
});

const question = z.object({
  text: z.string().refine((text) => text.split('{text}').length === 2, 'must hold {text} once'),
  lowercase: z.boolean().optional(),
});

const positions = z.number().int().positive();

/** A bundle's constants for a language model that sees. */
export interface LanguagePreset {
  /** Width of the hidden states. */
  readonly hidden: number;
  /** Tokens that every image becomes; absent where pictures of different shapes become different numbers. */
  readonly imageTokens?: number | undefined;
  /** The prompt, with `{image}` and `{text}` once each where those go. */
  readonly prompt: string;
  /** Token that begins a prompt, as text; absent where none does (Qwen2). */
  readonly bos?: string | undefined;
  /** Token that ends an answer, as text. */
  readonly eos: string;
  /** Token that stands right before the image, as text; absent where none does (LLaVA-1.5 itself). */
  readonly imStart?: string | undefined;
  /** Longest answer in tokens. */
  readonly maxNewTokens: number;
  /** Whether the user's words are lower-cased, as the systems here are trained; default true. */
  readonly lowercase: boolean;
  /** The answer that the system is trained to give to a question whose thing is there, for teacher-forced use. */
  readonly answer?: string | undefined;
  /**
   * What stands before a given answer when it is made into tokens by itself; a space by default. Tokenizers that put
   * one before every text on their own (LLaMA's) want none.
   */
  readonly answerPrefix: string;
  /** The model's context: most tokens of prompt, image and answer together. */
  readonly positions: number;
}

/** A way to ask that a system was trained with. */
export interface QuestionTemplate {
  /** The question, with `{text}` once where the user's words go. */
  readonly text: string;
  /** Whether the user's words in it are lower-cased; the preset's when absent. The template stays as it is. */
  readonly lowercase?: boolean | undefined;
}

/** A bundle's constants for LLaVA-1.5. */
export interface LlavaPreset extends LanguagePreset {
  /** Ways to ask, by name; one that is called as a task is used for that task. */
  readonly questions: Readonly<Record<string, QuestionTemplate>>;
}

const llavaPreset = languagePreset
  // LLaVA-1.5 stands on Vicuna 1.5, whose context is 4096.
  .extend({ questions: z.record(z.string(), question).default({}), positions: positions.default(4096) })
  .refine(({ prompt }) => prompt.indexOf('{text}') > prompt.indexOf('{image}'), {
    path: ['prompt'],
    message: 'must hold {text} once, after {image}',
  });

/**
 * Reads a bundle's `llava` preset: the words come after the image, which is read once for all of them.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readLlavaPreset(models: ModelHost): LlavaPreset {
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
  instructions: z.record(z.string(), z.string().min(1)).default({}),
  listInstruction: z.string().min(1).optional(),
  regionInstruction: z.string().min(1).optional(),
  // Qwen2's context, on which LLaVA-OneVision stands.
  positions: positions.default(32_768),
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
  /** What the image is read for, by task; `{text}` is where the user's words go. */
  readonly instructions: Readonly<Record<string, string>>;
  /** What the image is read for by systems that list what is there. */
  readonly listInstruction?: string | undefined;
  /** What the image is read for by systems that name region after region. */
  readonly regionInstruction?: string | undefined;
}

/**
 * Reads a bundle's `onevision` preset.
 * @throws MaskloomError `BUNDLE_INVALID` naming the field
 */
export function readOneVisionPreset(models: ModelHost): OneVisionPreset {
  return readPreset(models, 'onevision', oneVisionPreset);
}
