import { MaskloomError, type Tokenizer } from '@maskloom/core';
import type { LlavaPreset } from './preset.js';

/** The template's parts as token ids, and the special tokens the decoder asks about. */
export interface PromptIds {
  /** Before the image tokens: `<s>`, then the template up to `{image}`; ends in `<im_start>`. */
  readonly prefix: readonly number[];
  /** After the image tokens, up to where the answer starts. */
  question(text: string): readonly number[];
  /** Ids of an answer, without the end token. */
  answer(text: string): readonly number[];
  readonly eos: number;
}

/**
 * Splits the prompt at the image, tokenising each piece on its own with one `<s>`, as LLaVA does.
 * @throws MaskloomError `BUNDLE_INVALID` when the template does not have `<im_start>` right before the image:
 * the image-token states are found there
 */
export function promptIds(tokenizer: Tokenizer, preset: LlavaPreset): PromptIds {
  const [before = '', after = ''] = preset.prompt.split('{image}');
  const prefix = [tokenizer.id(preset.bos), ...tokenizer.encode(before)];
  if (prefix.at(-1) !== tokenizer.id(preset.imStart)) {
    throw new MaskloomError('BUNDLE_INVALID', `The prompt has no ${preset.imStart} right before {image}.`, {
      where: 'presets.llava.prompt',
      hint: 'Write the template as it was trained.',
    });
  }
  const [opening = '', closing = ''] = after.split('{text}');
  const said = (text: string): string => (preset.lowercase ? text.trim().toLowerCase() : text.trim());
  return {
    prefix,
    question: (text) => tokenizer.encode(opening + said(text) + closing),
    answer: (text) => tokenizer.encode(` ${text.trim()}`),
    eos: tokenizer.id(preset.eos),
  };
}
