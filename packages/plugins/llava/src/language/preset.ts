import { z } from 'zod';
import { MaskloomError, type ModelHost } from '@maskloom/core';

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
  const parsed = llavaPreset.safeParse(models.preset('llava'));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MaskloomError(
    'BUNDLE_INVALID',
    `The bundle's LLaVA preset is not valid: ${issue?.message ?? 'unknown'}.`,
    {
      where: `${models.bundle}: presets.llava.${issue?.path.join('.') ?? ''}`,
      hint: 'Export the bundle again with the training kit.',
      cause: parsed.error,
    },
  );
}
