import { z } from 'zod';
import { defineStage, MaskDecoder, type StageFactory } from '@maskloom/core';
import { readSamPreset } from './preset.js';
import { multimaskOption, sessionDecoder } from './session-decoder.js';

const options = z.object({
  multimask: multimaskOption,
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
    return sessionDecoder(session, preset, { multimask });
  },
});
