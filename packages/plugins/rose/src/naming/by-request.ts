import { z } from 'zod';
import {
  CategoryGenerator,
  defineStage,
  type BuildContext,
  type CategoryQuery,
  type RunContext,
  type SlotStages,
  type StageFactory,
} from '@maskloom/core';
import { decodeEmbedding, type DecodeEmbeddingOptions } from './decode-embedding.js';
import { similarityOverCandidates } from './similarity-over-candidates.js';

const options = z.object({
  maxTokens: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Longest name in tokens; the bundle's when absent."),
  batch: z
    .number()
    .int()
    .min(1)
    .default(128)
    .describe('Most names written in one call of the language model.'),
});

/**
 * ROSE's names: written freely where the request has no labels, the nearest label in SigLIP's text space where it has
 * some (the paper leaves open how free names meet a list).
 */
export const nameByRequest: StageFactory<
  'CategoryGenerator',
  z.ZodType<unknown, DecodeEmbeddingOptions | undefined>,
  'category-embedding' | 'candidates',
  'names'
> = defineStage({
  slot: CategoryGenerator,
  name: 'rose/name-by-request',
  summary: 'ROSE: names written freely, or the nearest of the labels where the request gives some.',
  options,
  needs: ['category-embedding', 'candidates'],
  gives: ['names'],
  create: async (given, context: BuildContext) => {
    const free = await decodeEmbedding(given).create(context);
    const chosen = await similarityOverCandidates().create(context);
    return {
      widths: { ...chosen.widths, ...free.widths },
      ...(free.device === undefined ? {} : { device: free.device }),
      name: (query: CategoryQuery, run: RunContext) =>
        (query.candidates === undefined ? free : chosen).name(query, run),
      dispose: () => disposeAll([free, chosen]),
    };
  },
});

async function disposeAll(stages: readonly SlotStages['CategoryGenerator'][]): Promise<void> {
  for (const stage of stages) await stage.dispose?.();
}
