/**
 * A label for one of several `<SEG>` in an answer: the words that lead up to it, without what joins them to
 * the mask before ("the red star [SEG] and the blue ring [SEG]." gives "the red star", "the blue ring").
 * Phrases of assent say nothing about the mask ("It is [SEG].") and fall back on the query.
 * @param textBefore - the answer's text before this `<SEG>` and after the previous one
 * @param query - what was asked
 */
export function labelBefore(textBefore: string, query: string): string {
  const words = textBefore
    .replace(/<[^<>]*>/g, ' ')
    .replace(/^[\s\p{P}]+/u, '')
    .replace(/^(?:and|or|then|also|plus)\b[\s,]*/i, '')
    .replace(/[\s\p{P}]+$/u, '')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' || ASSENT.test(words) ? query : words;
}

const ASSENT =
  /^(?:(?:yes|sure|ok|okay|certainly)\b[\s,.!]*)*(?:it|this|that|here|there|they|these|those|the (?:segmentation )?(?:result|mask)s?)?\s*(?:is|are|it is)?$/i;
