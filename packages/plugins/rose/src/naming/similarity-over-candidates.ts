import { z } from 'zod';
import {
  CategoryGenerator,
  defineStage,
  MaskloomError,
  type BuildContext,
  type CategoryQuery,
  type NamedCategory,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { siglipText } from '@maskloom/clip';
import { noEmbeddings } from './decode-embedding.js';
import { asScore, bestColumn, similarities } from './similarity.js';

const NAME = 'rose/similarity-over-candidates';

const options = z.object({
  template: z
    .string()
    .refine((text) => text.includes('{name}'), 'must hold {name}')
    .default('{name}')
    .describe('The sentence that stands for a candidate; {name} is its name.'),
});

/** Options of {@link similarityOverCandidates}. */
export interface SimilarityOverCandidatesOptions {
  /** The sentence that stands for a candidate; every `{name}` in it becomes its name; the name alone when absent. */
  readonly template?: string | undefined;
}

/**
 * Names from a list: the candidate whose SigLIP text embedding is nearest to the proposal's embedding in that space
 * (ROSE's fourth head, section 3.2). For requests that give labels; the score is (1 + cosine) / 2.
 */
export const similarityOverCandidates: StageFactory<
  'CategoryGenerator',
  z.ZodType<unknown, SimilarityOverCandidatesOptions | undefined>,
  'category-embedding' | 'candidates',
  'names'
> = defineStage({
  slot: CategoryGenerator,
  name: NAME,
  summary: "Names from the request's labels: the one whose SigLIP text embedding is nearest.",
  options,
  needs: ['category-embedding', 'candidates'],
  gives: ['names'],
  create: ({ template }, context) => compareWithCandidates(template, context),
});

/** A generator over given candidates. */
export async function compareWithCandidates(template: string, context: BuildContext) {
  const texts = await siglipText().create(context);
  return {
    ...(texts.widths === undefined ? {} : { widths: texts.widths }),
    ...(texts.device === undefined ? {} : { device: texts.device }),
    async name(
      { textEmbeddings, candidates = [] }: CategoryQuery,
      run: RunContext,
    ): Promise<readonly NamedCategory[]> {
      if (textEmbeddings === undefined) throw noEmbeddings(NAME, 'embeddings in the text space');
      if (textEmbeddings.dims[0] === 0) return [];
      if (candidates.length === 0)
        throw new MaskloomError('VALUE_INVALID', 'There are no candidates to choose names from.', {
          where: NAME,
          hint: "Give the request labels, or use 'rose/decode-embedding', which needs none.",
        });
      const sentences = candidates.map((name) => [template.split('{name}').join(name)]);
      const { values, width } = await texts.embed(sentences, run);
      const table = similarities(await textEmbeddings.read(), values, width);
      return Array.from({ length: textEmbeddings.dims[0] ?? 0 }, (_, n) => {
        const best = bestColumn(table, n, candidates.length);
        const cosine = table[n * candidates.length + best] ?? -1;
        return { name: candidates[best] ?? '', score: asScore(cosine) };
      });
    },
    dispose: () => texts.dispose?.(),
  };
}
