import { MaskloomError, suggest } from '@maskloom/core';
import { PROMPT_VARIANTS, type PromptVariant } from '@maskloom/lmseg';

/** @throws MaskloomError OPTION_INVALID naming the nearest kind of prompt */
export function parsePrompts(text: string): PromptVariant {
  const kind = PROMPT_VARIANTS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new MaskloomError('OPTION_INVALID', `Classes cannot be described by '${text}'.`, {
    where: '--prompts',
    hint: suggest(text, PROMPT_VARIANTS),
  });
}
