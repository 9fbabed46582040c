import { MaskloomError } from '@maskloom/masks';

/** Longest instruction that is read, in characters: what people say is short, and the rules below stay fast. */
export const LONGEST_INSTRUCTION = 1000;

/**
 * An instruction's words in one form: one blank between words, straight apostrophes, no quotation marks.
 * @throws MaskloomError VALUE_INVALID when it is too long
 */
export function tidy(words: string): string {
  if (words.length > LONGEST_INSTRUCTION) {
    throw new MaskloomError('VALUE_INVALID', `The instruction has ${words.length} characters.`, {
      where: 'instruction.say',
      hint: `Say it in ${LONGEST_INSTRUCTION}.`,
    });
  }
  return words
    .normalize('NFC')
    .replace(/[’‘`]/gu, "'")
    .replace(/["“”„«»]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Small letters and digits with one blank around each word, so that a `car` is not found in a scarf. */
export function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
}

const VERBS =
  '(?:delete|remove|erase|drop|discard|get rid|throw|take|merge|join|combine|unite|fuse|make|enlarge|grow|expand|shrink|reduce|undo|redo|call|name|rename|keep|leave|redraw|fix|add)';
const BETWEEN = new RegExp(
  String.raw`[.!?;,:](?=[.!?;,:\s]|$)|\s(?:and|but|then|so)(?: then| please)?\s(?=${VERBS}\b)`,
  'giu',
);
const POLITE =
  /^(?:(?:please|now|ok|okay|yes|so|but|and|then|well|just|actually|also|sorry|hm+|(?:can|could|would|will) you(?: please)?|you (?:should|can|must)|i want you to|i would like you to|i'd like you to|let's|let us)\s)+/iu;

/** The parts of an instruction that could each say something, without the polite words around them. */
export function clausesOf(text: string): readonly string[] {
  return text
    .split(BETWEEN)
    .map((clause) =>
      clause
        .trim()
        .replace(POLITE, '')
        .replace(/\splease$/iu, ''),
    )
    .filter((clause) => clause !== '');
}
