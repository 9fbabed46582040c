import { trimEndOf, trimOf } from '@maskloom/core';

/**
 * A label for one of several `<SEG>` in an answer: the words that lead up to it, without what joins them to
 * the mask before ("the red star [SEG] and the blue ring [SEG]." gives "the red star", "the blue ring").
 * Of words with a mark of their own between them (GSVA's "the cat:[REJ], the dog:[SEG]") the last count.
 * Phrases of assent say nothing about the mask ("It is [SEG].") and fall back on the query.
 * @param textBefore - the answer's text before this `<SEG>` and after the previous one
 * @param query - what was asked
 */
export function labelBefore(textBefore: string, query: string): string {
  const own = textBefore.split(/\[[A-Z]+\]/).at(-1) ?? '';
  const said = trimOf(own.replace(/<[^<>]*>/g, ' '), OUTER).replace(/\s+/g, ' ');
  const words = trimEndOf(said.replace(/^(?:and|or|then|also|plus)\b[ ,]*/i, ''), OUTER);
  return words === '' || ASSENT.test(words) ? query : words;
}

/** What says nothing at the ends of a label. */
const OUTER = /[\s\p{P}]/u;

const ASSENT =
  /^(?:(?:yes|sure|ok|okay|certainly)\b[ ,.!]*)*(?:(?:it|this|that|here|there|they|these|those|the (?:segmentation )?(?:result|mask)s?)(?: (?:is|are|it is))?|is|are)?$/i;
