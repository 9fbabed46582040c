import { MaskloomError } from '@maskloom/core';
import type { PromptIds } from './prompt-ids.js';

/** No vocabulary has tokens of more letters: a longer text is refused before it is made into tokens. */
const LONGEST_TOKEN = 128;

/** The part of a model's context that a prompt takes. */
export interface Context {
  /** Template and words as token ids. */
  readonly ids: Pick<PromptIds, 'prefix' | 'question' | 'textFirst'>;
  /** Tokens that the image becomes; at least 1 where that is not known yet. */
  readonly imageTokens?: number | undefined;
  /** Most tokens of prompt, image and answer together. */
  readonly positions: number;
  /** The stage, for errors. */
  readonly where: string;
}

/**
 * Tokens that a prompt and its image take of the context.
 * @param words - as they are asked; they stand before the image and after it as the template says
 * @returns less than `positions`, so that an answer can begin
 * @throws MaskloomError PROMPT_TOO_LONG
 */
export function promptLength({ ids, imageTokens = 1, positions, where }: Context, words: string): number {
  const tooLong = (length: string): MaskloomError =>
    new MaskloomError(
      'PROMPT_TOO_LONG',
      `A text of ${words.length} letters does not fit: with its template it is ${length} tokens, and beside an image ` +
        `of ${imageTokens} the model's context of ${positions} has room for ${positions - imageTokens - 1}.`,
      { where, hint: 'Ask in fewer words.' },
    );
  if (words.length > LONGEST_TOKEN * positions) throw tooLong(`more than ${positions}`);
  const text =
    ids.prefix(ids.textFirst ? words : '').length + ids.question(ids.textFirst ? '' : words).length;
  if (text + imageTokens >= positions) throw tooLong(String(text));
  return text + imageTokens;
}
