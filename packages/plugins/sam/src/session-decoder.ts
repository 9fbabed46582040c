import { z } from 'zod';
import type { DecodedMasks, FeatureMap, MaskPrompt, ModelSession, RunContext } from '@maskloom/core';
import { decodeMasks, type Decoding } from './decode-masks.js';
import type { SamPreset } from './preset.js';

/** The option that every stage on SAM's mask decoder has. */
export const multimaskOption = z
  .boolean()
  .default(false)
  .describe(
    "Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask.",
  );

/** What a stage on SAM's mask decoder is: widths, device and the call. */
export interface SessionDecoder {
  readonly embeddingWidth: number;
  readonly widths: { readonly features: number; readonly embedding: number };
  readonly device: ModelSession['device'];
  decode(
    features: FeatureMap,
    prompts: readonly MaskPrompt[],
    run: RunContext,
    which?: 'one' | 'every',
  ): Promise<DecodedMasks>;
}

/** The stage's values over an open decoder; `token` as in {@link Decoding}. */
export function sessionDecoder(
  session: ModelSession,
  preset: SamPreset,
  { multimask, token }: { readonly multimask: boolean; readonly token?: Decoding['token'] },
): SessionDecoder {
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
