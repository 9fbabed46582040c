import { z } from 'zod';
import {
  defineStage,
  MaskDecoder,
  type FeatureMap,
  type MaskPrompt,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { decodeMasks } from './decode-masks.js';
import { readSamPreset } from './preset.js';

const options = z.object({
  multimask: z
    .boolean()
    .default(false)
    .describe(
      "Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask.",
    ),
});

/** Options of {@link samMaskDecoder}. */
export interface SamMaskDecoderOptions {
  /** Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask; default false. */
  readonly multimask?: boolean | undefined;
}

/**
 * SAM's prompt encoder and mask decoder: points, box, previous mask and prompt embeddings in any mix. Prompts
 * of one structure (number of points, box, previous mask, number of embeddings) are one model call.
 */
export const samMaskDecoder: StageFactory<
  'MaskDecoder',
  z.ZodType<unknown, SamMaskDecoderOptions | undefined>,
  'mask-features',
  'mask-logits'
> = defineStage({
  slot: MaskDecoder,
  name: 'sam/mask-decoder',
  summary: 'SAM prompt encoder and mask decoder; any mix of points, box, previous mask and embeddings.',
  options,
  needs: ['mask-features'],
  gives: ['mask-logits'],
  async create({ multimask }, { models }) {
    const preset = readSamPreset(models);
    const session = await models.model('samDecoder');
    return {
      embeddingWidth: preset.embedDim,
      widths: { features: preset.embedDim, embedding: preset.embedDim },
      device: session.device,
      decode: (
        features: FeatureMap,
        prompts: readonly MaskPrompt[],
        run: RunContext,
        which: 'one' | 'every' = 'one',
      ) => {
        const wanted = which === 'every' ? which : multimask ? 'best' : 'single';
        return decodeMasks({ session, preset, wanted }, features, prompts, run);
      },
    };
  },
});
