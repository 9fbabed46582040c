import { z } from 'zod';
import { defineStage, MaskDecoder, MaskloomError, type StageFactory } from '@maskloom/core';
import { readSamPreset } from './preset.js';
import { multimaskOption, sessionDecoder } from './session-decoder.js';

const options = z.object({
  multimask: multimaskOption,
  token: z
    .enum(['embedding', 'released'])
    .default('embedding')
    .describe(
      "What is compared with the image: the <SEG> embedding's own token, or the token before the last, as READ's released code has it.",
    ),
});

/** Options of {@link samSimilarityDecoder}. */
export interface SamSimilarityDecoderOptions {
  /** Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask; default false. */
  readonly multimask?: boolean | undefined;
  /**
   * What is compared with the image: the `<SEG>` embedding's own token (default), or the token before the last as in READ's
   * released code: a mask token where the prompt is an embedding alone, SAM's pad point where there are points beside it.
   */
  readonly token?: 'embedding' | 'released' | undefined;
}

/**
 * {@link samMaskDecoder}, the same masks, with the similarity of each `<SEG>` embedding and SAM's image tokens, both as the
 * decoder's last layer leaves them (READ, figure 1d): `similarity` of the decoded masks. Its bundle's decoder must give
 * its tokens, as the kit exports those of `<SEG>` recipes.
 */
export const samSimilarityDecoder: StageFactory<
  'MaskDecoder',
  z.ZodType<unknown, SamSimilarityDecoderOptions | undefined>,
  'mask-features',
  'mask-logits' | 'decoder-similarity'
> = defineStage({
  slot: MaskDecoder,
  name: 'sam/similarity-decoder',
  summary:
    "SAM's mask decoder, and the similarity of its <SEG> token with its image tokens (READ, figure 1d).",
  options,
  needs: ['mask-features'],
  gives: ['mask-logits', 'decoder-similarity'],
  async create({ multimask, token }, { models }) {
    const preset = readSamPreset(models);
    const session = await models.model('samDecoder');
    const given = session.outputs.map(({ name }) => name);
    if (!given.includes('tokens') || !given.includes('image_tokens')) {
      throw new MaskloomError('STAGE_MISMATCH', `The mask decoder ${session.id} does not give its tokens.`, {
        where: 'sam/similarity-decoder',
        hint: "Export it with the kit's tokens (training: sam.add_tokens adds them), or use sam/mask-decoder.",
      });
    }
    return sessionDecoder(session, preset, { multimask, token });
  },
});
