import { MaskloomError, type Tokenizer } from '@maskloom/core';
import type { LanguagePreset } from './preset.js';

/** The template's parts as token ids, and the special tokens the decoder asks about. */
export interface PromptIds {
  /** True when the user's words stand before the image, so that an image is read for them. */
  readonly textFirst: boolean;
  /** Before the image tokens: `<s>`, then the template up to `{image}`; ends in `<im_start>`. `words` as they are asked. */
  prefix(words: string): readonly number[];
  /** After the image tokens, up to where the answer starts. `words` as they are asked. */
  question(words: string): readonly number[];
  /** Ids of an answer, without the end token. */
  answer(text: string): readonly number[];
  readonly eos: number;
}

/**
 * Splits the prompt at the image, tokenising each piece on its own with one `<s>` (if any), as LLaVA does.
 * @param group - the preset's name, for errors
 * @throws MaskloomError `BUNDLE_INVALID` when the preset names an `<im_start>` that the template does not have right
 * before the image
 */
export function promptIds(tokenizer: Tokenizer, preset: LanguagePreset, group: string): PromptIds {
  const [before = '', after = ''] = preset.prompt.split('{image}');
  const { imStart } = preset;
  if (imStart !== undefined && tokenizer.encode(before).at(-1) !== tokenizer.id(imStart)) {
    throw new MaskloomError('BUNDLE_INVALID', `The prompt has no ${imStart} right before {image}.`, {
      where: `presets.${group}.prompt`,
      hint: 'Write the template as it was trained.',
    });
  }
  const begin = beginning(tokenizer, preset);
  const fill = (piece: string, words: string): string => piece.split('{text}').join(words);
  const encodeBefore = lastOf((words) => [...begin, ...tokenizer.encode(fill(before, words))]);
  const encodeAfter = lastOf((words) => tokenizer.encode(fill(after, words)));
  return {
    textFirst: before.includes('{text}'),
    prefix: (words) => encodeBefore(before.includes('{text}') ? words : ''),
    question: (words) => encodeAfter(after.includes('{text}') ? words : ''),
    answer: lastOf((text) => tokenizer.encode(preset.answerPrefix + text.trim())),
    eos: tokenizer.id(preset.eos),
  };
}

/** Remembers the last answer: the length of a prompt is checked before it is asked, and the words before an image seldom change. */
function lastOf(encode: (words: string) => readonly number[]): (words: string) => readonly number[] {
  let last: { readonly words: string; readonly ids: readonly number[] } | undefined;
  return (words) => (last?.words === words ? last : (last = { words, ids: encode(words) })).ids;
}

/** The token that begins every prompt, where there is one. */
export function beginning(tokenizer: Tokenizer, { bos }: Pick<LanguagePreset, 'bos'>): readonly number[] {
  return bos === undefined ? [] : [tokenizer.id(bos)];
}
