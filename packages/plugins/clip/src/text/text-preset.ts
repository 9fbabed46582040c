import { z } from 'zod';
import { MaskloomError, readPreset, type ModelHost, type Tokenizer } from '@maskloom/core';
import type { TextForm } from './token-rows.js';

const text = z.object({
  maxTokens: z.number().int().min(3),
  eos: z.string(),
  pad: z.string(),
  bos: z.string().optional(),
  prefix: z.string().default(' '),
  lowerCase: z.boolean().default(true),
  trimEnd: z.boolean().default(true),
  fill: z.boolean().default(false),
});

/** A text tower's form, and what rows are filled up with. */
export interface TextSettings {
  /** How texts become rows. */
  readonly form: TextForm;
  /** Id behind the end of shorter rows. */
  readonly pad: number;
  /** Whether every row is filled up to the longest length, as SigLIP was trained, not only to the longest row. */
  readonly fill?: boolean;
}

/**
 * Reads how a text tower takes its texts: the part `text` of a preset.
 * @param groups - presets that may hold it, first come
 * @throws MaskloomError BUNDLE_INVALID naming the field, or that no group has it
 */
export async function readTextSettings(models: ModelHost, groups: readonly string[]): Promise<TextSettings> {
  const group = groups.find((name) => hasText(models, name));
  if (group === undefined) {
    throw new MaskloomError('BUNDLE_INVALID', 'The bundle does not say how its text tower takes texts.', {
      where: `${models.bundle}: presets.${groups[0]}.text`,
      hint: 'It needs maxTokens, eos and pad there. Export the bundle again with the training kit.',
    });
  }
  const { text: given } = readPreset(models, group, z.object({ text }));
  const tokenizer: Tokenizer = await models.tokenizer();
  return {
    form: {
      maxTokens: given.maxTokens,
      eos: tokenizer.id(given.eos),
      prefix: given.prefix,
      lowerCase: given.lowerCase,
      trimEnd: given.trimEnd,
      ...(given.bos === undefined ? {} : { bos: tokenizer.id(given.bos) }),
    },
    pad: tokenizer.id(given.pad),
    fill: given.fill,
  };
}

function hasText(models: ModelHost, group: string): boolean {
  try {
    const preset = models.preset(group);
    return typeof preset === 'object' && preset !== null && 'text' in preset;
  } catch {
    // There is no such group.
    return false;
  }
}
