import type { RefineSituation, ResolvedInstruction } from '@maskloom/core';
import type { RefinePreset } from '../preset.js';

/**
 * The words that the model reads. What was said goes in word by word where the bundle says that its model was trained on
 * free wordings (`ownWords`), and where it is one of the wordings that the model was trained with, whatever its case and
 * punctuation. Else it is only read for what it means (`readInstruction`), and the model reads wording number `phrasing`
 * of the situation, or the first, with the wrong name put in.
 */
export function wording(
  { situations, ownWords }: RefinePreset,
  { situation, say, wrong = '' }: Pick<ResolvedInstruction, 'say' | 'wrong'> & { situation: RefineSituation },
  phrasing: number | undefined,
): string {
  if (ownWords) return say;
  const texts = situations[situation].map((text) => text.split('{category}').join(wrong));
  const own = phrasing === undefined ? texts.find((text) => plain(text) === plain(say)) : undefined;
  return own ?? texts[(phrasing ?? 0) % texts.length] ?? '';
}

function plain(text: string): string {
  return (
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.join(' ') ?? ''
  );
}
