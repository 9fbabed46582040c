import { trimEndOf, type Tokenizer } from '@maskloom/core';

/** How a text tower takes its texts. */
export interface TextForm {
  /** Longest row, marks included. */
  readonly maxTokens: number;
  /** Id of the mark before the text; none when absent. */
  readonly bos?: number;
  /** Id of the mark behind the text. */
  readonly eos: number;
  /** What stands before a text, e.g. the blank of a word that begins one. */
  readonly prefix: string;
  /** Whether texts are written in lower case. */
  readonly lowerCase: boolean;
  /** Whether closing punctuation is taken off, as the towers trained here want it; published ones read it. */
  readonly trimEnd: boolean;
}

/** How a text is divided where it does not fit: behind sentences, behind commas, between words, between tokens. */
const STEPS = ['sentence', 'clause', 'word', 'token'] as const;

/**
 * A text as rows of tokens with their marks: one row where it fits, else one per sentence, of a sentence that is too
 * long one per clause, then as many words as fit, then as many tokens. Nothing is left out.
 * @param text - any text; blanks are joined
 * @returns no row for a text without letters
 */
export function tokenRows(
  text: string,
  tokenizer: Tokenizer,
  form: TextForm,
): readonly (readonly number[])[] {
  const plain = (form.lowerCase ? text.toLowerCase() : text).split(/\s+/).filter(Boolean).join(' ');
  const room = form.maxTokens - (form.bos === undefined ? 1 : 2);
  const marked = (ids: readonly number[]): readonly number[] =>
    form.bos === undefined ? [...ids, form.eos] : [form.bos, ...ids, form.eos];
  return divide(plain, 0);

  function divide(part: string, step: number): readonly (readonly number[])[] {
    const plainWords = trimEndOf(part.trim(), /[ .,;!?]/);
    if (plainWords === '') return [];
    const words = form.trimEnd ? plainWords : part.trim();
    const ids = tokenizer.encode(form.prefix + words);
    if (ids.length <= room) return [marked(ids)];
    if (STEPS[step] === 'token' || step >= STEPS.length) {
      return Array.from({ length: Math.ceil(ids.length / room) }, (_, i) =>
        marked(ids.slice(i * room, (i + 1) * room)),
      );
    }
    const parts =
      STEPS[step] === 'sentence'
        ? words.split(/(?<=[.!?;])\s+/)
        : STEPS[step] === 'clause'
          ? words.split(/(?<=,)\s+/)
          : fill(words.split(' '));
    return parts.flatMap((one) => divide(one, step + 1));
  }

  /** As many words to a part as fit. */
  function fill(words: readonly string[]): readonly string[] {
    const parts: string[] = [];
    for (const word of words) {
      const last = parts.at(-1);
      const joined = `${last} ${word}`;
      if (last !== undefined && tokenizer.encode(form.prefix + joined).length <= room)
        parts.splice(-1, 1, joined);
      else parts.push(word);
    }
    return parts;
  }
}
