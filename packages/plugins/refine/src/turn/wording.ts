import type { RefineSituation } from '@maskloom/core';
import type { RefinePreset } from '../preset.js';

/**
 * The words that the model reads: the bundle's wording number `phrasing` for the situation, with the wrong name put in.
 * The model knows these wordings; what a person says is only read for what it means (see `readInstruction`).
 */
export function wording(
  { situations }: RefinePreset,
  situation: RefineSituation,
  phrasing: number,
  wrong: string,
): string {
  const texts = situations[situation];
  return (texts[phrasing % texts.length] ?? '').split('{category}').join(wrong);
}
