import { z } from 'zod';
import { defineStage, LabelMapper, type StageFactory } from '@maskloom/core';
import { siglipText } from '@maskloom/clip';
import { mapBySimilarity } from './map-by-similarity.js';

const options = z.object({
  least: z
    .number()
    .min(-1)
    .max(1)
    .default(-1)
    .describe('Cosine below which a name has no label; -1: every name gets the nearest one.'),
});

/** Options of {@link siglipSimilarity}. */
export interface SiglipSimilarityOptions {
  /** Cosine below which a name has no label; default -1: every name gets the nearest one. */
  readonly least?: number | undefined;
}

/**
 * A name is the label whose SigLIP text embedding is nearest to its own; an equal label is taken as it is. The score
 * is the cosine.
 */
export const siglipSimilarity: StageFactory<
  'LabelMapper',
  z.ZodType<unknown, SiglipSimilarityOptions | undefined>,
  'names' | 'candidates',
  'names'
> = defineStage({
  slot: LabelMapper,
  name: 'rose/siglip-similarity',
  summary: "Names to labels: the label whose SigLIP text embedding is nearest to the name's.",
  options,
  needs: ['names', 'candidates'],
  gives: ['names'],
  async create({ least }, context) {
    const texts = await siglipText().create(context);
    return mapBySimilarity(texts, least);
  },
});
