import { z } from 'zod';
import {
  CategoryGenerator,
  defineStage,
  MaskloomError,
  type CategoryQuery,
  type NamedCategory,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { openEmbeddingDecoder } from '@maskloom/llava';

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
    .describe('Most names written in one call of the language model; lower it where memory is short.'),
});

/** Options of {@link decodeEmbedding}. */
export interface DecodeEmbeddingOptions {
  /** Longest name in tokens; the bundle's when absent. */
  readonly maxTokens?: number | undefined;
  /** Most names written in one call of the language model; default 128. */
  readonly batch?: number | undefined;
}

/** What a name is when the language model wrote none. */
export const NAMELESS = 'unknown';

/**
 * ROSE's open-category generation (section 3.3, eq. 4): each category embedding takes the place of `<CATEGORY>` in an
 * instruction, and the language model answers with a name, all N at once. There is no list of classes; candidates are
 * not read. A name's score is the geometric mean of its tokens' probabilities.
 */
export const decodeEmbedding: StageFactory<
  'CategoryGenerator',
  z.ZodType<unknown, DecodeEmbeddingOptions | undefined>,
  'category-embedding',
  'names'
> = defineStage({
  slot: CategoryGenerator,
  name: 'rose/decode-embedding',
  summary: 'ROSE: the language model writes a name for each category embedding, all of them at once.',
  options,
  needs: ['category-embedding'],
  gives: ['names'],
  async create({ maxTokens, batch }, { models }) {
    const decoder = await openEmbeddingDecoder(models, { maxTokens, batch });
    return {
      widths: { hidden: decoder.hidden },
      device: decoder.device,
      async name({ embeddings }: CategoryQuery, run: RunContext): Promise<readonly NamedCategory[]> {
        if (embeddings === undefined) throw noEmbeddings('rose/decode-embedding', 'category embeddings');
        const written = await decoder.decode(embeddings, run);
        return written.map(({ text, score }) => ({ name: text === '' ? NAMELESS : text, score }));
      },
      dispose: () => decoder.dispose(),
    };
  },
});

/** The query lacks what the stage reads. */
export function noEmbeddings(where: string, what: string): MaskloomError {
  return new MaskloomError('VALUE_INVALID', `There are no ${what} to name things by.`, {
    where,
    hint: 'Use it in a recipe whose proposals have them.',
  });
}
