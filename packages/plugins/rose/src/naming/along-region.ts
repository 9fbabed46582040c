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
import { readOneVisionPreset } from '@maskloom/llava';
import { NAMELESS, noEmbeddings } from './decode-embedding.js';

const NAME = 'rose/along-region';

const options = z.object({
  maxTokens: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Longest name in tokens; the bundle's when absent."),
  stop: z.string().min(1).optional().describe("The mark that ends a name; the bundle's when absent."),
});

/** Options of {@link alongRegion}. */
export interface AlongRegionOptions {
  /** Longest name in tokens; the bundle's when absent. */
  readonly maxTokens?: number | undefined;
  /** The mark that ends a name; the bundle's when absent. */
  readonly stop?: string | undefined;
}

/**
 * The paper's other way to names (Table 3, "along <REGION>"): one answer about the image in which each category
 * embedding stands for its region and the region's name follows it. Names depend on those before them, and the
 * paper finds that it mismatches masks and names.
 */
export const alongRegion: StageFactory<
  'CategoryGenerator',
  z.ZodType<unknown, AlongRegionOptions | undefined>,
  'category-embedding' | 'image-states',
  'names'
> = defineStage({
  slot: CategoryGenerator,
  name: NAME,
  summary: 'ROSE: one answer that writes a name behind the embedding of each region in turn.',
  options,
  needs: ['category-embedding', 'image-states'],
  gives: ['names'],
  create: (given, { models }) => {
    const preset = readOneVisionPreset(models);
    const maxTokens = given.maxTokens ?? preset.maxNameTokens;
    const stop = given.stop ?? preset.regionStop;
    return {
      async name({ embeddings, session }: CategoryQuery, run: RunContext): Promise<readonly NamedCategory[]> {
        if (embeddings === undefined) throw noEmbeddings(NAME, 'category embeddings');
        if (embeddings.dims[0] === 0) return [];
        if (session?.along === undefined)
          throw new MaskloomError('VALUE_INVALID', 'There is no language session to write names along.', {
            where: NAME,
            hint: "Use it in a recipe whose language model writes along embeddings, as 'llava/onevision-language-model'.",
          });
        const written = await session.along({ embeddings, stop, maxTokens }, run);
        return written.map(({ text, score }) => ({ name: text === '' ? NAMELESS : text, score }));
      },
    };
  },
});
