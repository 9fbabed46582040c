import { MaskloomError, type MaskPrompt } from '@maskloom/core';
import type { SamPreset } from './preset.js';

const KINDS = ['point', 'box', 'mask', 'embedding'] as const;

/**
 * Refuses prompts for which a bundle's decoder has no weights: ready-made graphs leave some out.
 * @throws MaskloomError `VALUE_INVALID` naming the prompt and the kinds that the decoder takes
 */
export function checkKinds(prompts: readonly MaskPrompt[], { prompts: known }: SamPreset): void {
  if (KINDS.every((kind) => known.includes(kind))) return;
  prompts.forEach(({ points, box, mask, embedding }, index) => {
    const given = { point: points, box, mask, embedding };
    for (const kind of KINDS) {
      if (given[kind] === undefined || known.includes(kind)) continue;
      throw new MaskloomError(
        'VALUE_INVALID',
        `Prompt ${index} has a ${kind}, for which the bundle has no weights.`,
        {
          where: 'sam/mask-decoder',
          hint: `It takes: ${known.join(', ')}. Ready-made graphs leave weights out: name the original (weightsFrom).`,
        },
      );
    }
  });
}
