import { z } from 'zod';
import {
  defineStage,
  TextEmbedder,
  type BuildContext,
  type RunContext,
  type StageFactory,
  type TextEmbeddings,
} from '@maskloom/core';
import { readTextSettings } from './text-preset.js';
import { TextTower } from './text-tower.js';

const options = z.object({
  recipe: z
    .string()
    .optional()
    .describe("Recipe of the bundle whose model and constants are used; the pipeline's own when absent."),
  remember: z
    .number()
    .int()
    .min(0)
    .default(20_000)
    .describe('Texts whose embeddings are kept for the next image.'),
});

/** Options of {@link clipText} and {@link siglipText}. */
export interface TextEmbedderOptions {
  /** `system/name` of the bundle's recipe whose model and constants are used; the pipeline's own when absent. */
  readonly recipe?: string | undefined;
  /** Texts whose embeddings are kept for the next image, those learnt first go first; default 20 000. */
  readonly remember?: number | undefined;
}

/** A stage that makes vectors of texts. */
export type TextEmbedderFactory = StageFactory<
  'TextEmbedder',
  z.ZodType<unknown, TextEmbedderOptions | undefined>,
  'descriptions',
  'text-embedding'
>;

const kind = { slot: TextEmbedder, options, needs: ['descriptions'], gives: ['text-embedding'] } as const;

/**
 * CLIP's text tower: each class the mean of its sentences' unit vectors, normalised again. A sentence over the tower's
 * limit is divided (sentences, clauses, words), the parts are averaged, and a warning names it: nothing is cut off.
 * Embeddings are remembered between images.
 */
export const clipText: TextEmbedderFactory = defineStage({
  ...kind,
  name: 'clip/text',
  summary: "CLIP text tower: one vector per class, the mean over its sentences'.",
  create: (given, context) => make('clipText', ['clip', 'lmseg'], given, context),
});

/** SigLIP's text tower, in the place of CLIP's; otherwise as {@link clipText}. */
export const siglipText: TextEmbedderFactory = defineStage({
  ...kind,
  name: 'clip/siglip-text',
  summary: "SigLIP text tower: one vector per class, the mean over its sentences'.",
  create: (given, context) => make('siglipText', ['siglip', 'rose', 'lmseg'], given, context),
});

/** The entry of bundles with a sentence embedder. */
const SENTENCE = 'bert/sentence';

/**
 * A sentence embedder (BERT with mean pooling, all-MiniLM-L6-v2 for example), otherwise as {@link clipText}: how alike texts are,
 * without pictures. Its models are those of the bundles' recipe `bert/sentence` when none is named.
 */
export const sentenceText: TextEmbedderFactory = defineStage({
  ...kind,
  name: 'clip/sentence-text',
  summary: 'Sentence embedder: texts that mean alike lie close.',
  create: (given, context) =>
    make('sentenceText', ['sentence'], { ...given, recipe: given.recipe ?? SENTENCE }, context),
});

async function make(
  role: string,
  presets: readonly string[],
  { recipe, remember }: z.output<typeof options>,
  { models }: BuildContext,
) {
  const from = recipe === undefined ? models : await models.recipe(recipe);
  const settings = await readTextSettings(from, presets);
  const session = await from.model(role);
  const width = session.outputs.find((port) => port.name === 'text_embed')?.shape.at(-1);
  const tower = new TextTower({ session, tokenizer: await from.tokenizer(), settings, remember });
  return {
    // A graph may leave its width open; then it shows with the first text.
    ...(typeof width === 'number' ? { widths: { text: width } } : {}),
    device: session.device,
    embed: (texts: readonly (readonly string[])[], run: RunContext): Promise<TextEmbeddings> =>
      tower.embed(texts, run),
  };
}
