import { z } from 'zod';
import { defineStage, LabelMapper, type StageFactory } from '@maskloom/core';
import { sentenceText } from '@maskloom/clip';
import { mapBySimilarity } from './map-by-similarity.js';

const options = z.object({
  recipe: z
    .string()
    .optional()
    .describe('Recipe of the bundles with the embedder; bert/sentence when absent.'),
  least: z
    .number()
    .min(-1)
    .max(1)
    .default(-1)
    .describe('Cosine below which a name has no label; -1: every name gets the nearest one.'),
});

/** Options of {@link sentenceSimilarity}. */
export interface SentenceSimilarityOptions {
  /** `system/name` of the bundles' recipe with the embedder; `bert/sentence` when absent. */
  readonly recipe?: string | undefined;
  /** Cosine below which a name has no label; default -1: every name gets the nearest one. */
  readonly least?: number | undefined;
}

/**
 * A name is the label that a sentence embedder finds most alike (`sofa` for `couch`), whatever the system; an equal label is
 * taken as it is. The score is the cosine. The embedder may lie in another bundle than the system.
 */
export const sentenceSimilarity: StageFactory<
  'LabelMapper',
  z.ZodType<unknown, SentenceSimilarityOptions | undefined>,
  'names' | 'candidates',
  'names'
> = defineStage({
  slot: LabelMapper,
  name: 'rose/sentence-similarity',
  summary: 'Names to labels: the label that a sentence embedder finds most alike.',
  options,
  needs: ['names', 'candidates'],
  gives: ['names'],
  create: async ({ recipe, least }, context) =>
    mapBySimilarity(await sentenceText({ recipe }).create(context), least),
});
