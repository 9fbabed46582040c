import { z } from 'zod';
import type { MaskDecoder, ModelSession } from '@maskloom/core';
import { decodeMasks, type Decoding } from './decode-masks.js';
import type { SamPreset } from './preset.js';

/** The option that every stage on SAM's mask decoder has. */
export const multimaskOption = z
  .boolean()
  .default(false)
  .describe(
    "Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask.",
  );

/** The stage's values over an open decoder; `token` as in {@link Decoding}. */
export function sessionDecoder(
  session: ModelSession,
  preset: SamPreset,
  { multimask, token }: { readonly multimask: boolean; readonly token?: Decoding['token'] },
): MaskDecoder {
  return {
    embeddingWidth: preset.embedDim,
    widths: { features: preset.embedDim, embedding: preset.embedDim },
    device: session.device,
    decode: (features, prompts, run, which = 'one') => {
      const wanted = which === 'every' ? which : multimask ? 'best' : 'single';
      return decodeMasks({ session, preset, wanted, token }, features, prompts, run);
    },
  };
}
