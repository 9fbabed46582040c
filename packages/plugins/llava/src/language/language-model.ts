import { z } from 'zod';
import {
  defineStage,
  LanguageModel,
  MaskloomError,
  type FeatureMap,
  type LanguagePrompt,
  type LanguageSession,
  type ModelSession,
  type RunContext,
  type Tokenizer,
  type StageFactory,
} from '@maskloom/core';
import { generate, teacherForce, type AnswerParts } from './answer.js';
import { CausalDecoder } from './causal-decoder.js';
import { placeEmbeddings } from './placed-embeddings.js';
import { readLlavaPreset, type LlavaPreset } from './preset.js';
import { promptIds, type PromptIds } from './prompt-ids.js';

const options = z.object({
  maxNewTokens: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe("Longest answer in tokens; the bundle's when absent."),
  forcedAnswer: z
    .string()
    .optional()
    .describe(
      'Teacher-forced use: read the states off this answer instead of generating one. Every result says so.',
    ),
});

/** Options of {@link llavaLanguageModel}. */
export interface LlavaOptions {
  /** Longest answer in tokens, 1 to 4096; the bundle's when absent. */
  readonly maxNewTokens?: number | undefined;
  /** Teacher-forced use: read the states off this answer instead of generating one. Every result says so. */
  readonly forcedAnswer?: string | undefined;
}

/**
 * LLaVA-1.5: projector, token embedding and a causal language model with a key-value cache. An image is read
 * once (prompt prefix and image tokens); every question about it continues from that cache. Decoding is greedy.
 */
export const llavaLanguageModel: StageFactory<
  'LanguageModel',
  z.ZodType<unknown, LlavaOptions | undefined>,
  'vision-tokens',
  'image-states' | 'query-state' | 'text'
> = defineStage({
  slot: LanguageModel,
  name: 'llava/language-model',
  summary: 'LLaVA-1.5: image read once, greedy cached decoding, states of the image and of watched tokens.',
  options,
  needs: ['vision-tokens'],
  gives: ['image-states', 'query-state', 'text'],
  async create({ maxNewTokens, forcedAnswer }, { models }) {
    const preset = readLlavaPreset(models);
    const [projector, embedding, model, tokenizer] = await Promise.all([
      models.model('projector'),
      models.model('tokenEmbedding'),
      models.model('languageModel'),
      models.tokenizer(),
    ]);
    const parts: ReaderParts = {
      preset,
      projector,
      decoder: new CausalDecoder(embedding, model),
      tokenizer,
      ids: promptIds(tokenizer, preset),
      longest: maxNewTokens ?? preset.maxNewTokens,
      forcedAnswer,
    };
    const vision = projector.inputs[0]?.shape.at(-1);
    return {
      hiddenWidth: preset.hidden,
      widths: { hidden: preset.hidden, ...(typeof vision === 'number' ? { vision } : {}) },
      device: model.device,
      read: (features: FeatureMap, run: RunContext) => readImage(parts, features, run),
    };
  },
});

interface ReaderParts {
  readonly preset: LlavaPreset;
  readonly projector: ModelSession;
  readonly decoder: CausalDecoder;
  readonly tokenizer: Tokenizer;
  readonly ids: PromptIds;
  readonly longest: number;
  readonly forcedAnswer: string | undefined;
}

async function readImage(
  parts: ReaderParts,
  features: FeatureMap,
  run: RunContext,
): Promise<LanguageSession> {
  const { preset, projector, decoder, ids } = parts;
  checkTokens(features, preset.imageTokens);
  const prefix = await decoder.step(
    await decoder.embed(ids.prefix, run),
    ids.prefix.length,
    decoder.emptyCache(),
    ['cache'],
    run,
  );
  const feeds = { patch_features: features.tensor };
  const { image_tokens } = await projector.run(feeds, { scope: run.scope, signal: run.signal });
  if (image_tokens === undefined) throw new Error(`Model ${projector.id} gave no output 'image_tokens'.`);
  // Reading the image tokens in a call of their own makes its states exactly those right after <im_start>.
  const image = await decoder.step(
    image_tokens,
    preset.imageTokens,
    prefix.cache,
    ['hidden_states', 'cache'],
    run,
  );
  if (image.hidden === undefined) throw new Error('The language model gave no image states.');
  prefix.cache.release();
  image_tokens.release();
  return {
    imageStates: {
      ...features,
      space: 'llava-tokens',
      layout: 'tokens',
      tensor: image.hidden,
      width: preset.hidden,
    },
    answer: async (prompt, context) => {
      const questionIds = ids.question(prompt.text);
      const question = await questionEmbeds(parts, questionIds, prompt, context);
      const answerParts: AnswerParts = {
        ...parts,
        hidden: preset.hidden,
        image: image.cache,
        question,
        questionIds,
      };
      const forcedAnswer = prompt.forcedAnswer ?? parts.forcedAnswer;
      if (forcedAnswer === undefined) {
        return generate(answerParts, prompt, prompt.maxNewTokens ?? parts.longest, context);
      }
      context.warn('Teacher-forced: the answer was given, not generated.');
      return teacherForce(answerParts, { ...prompt, forcedAnswer }, context);
    },
  };
}

async function questionEmbeds(
  { decoder, tokenizer, preset }: ReaderParts,
  ids: readonly number[],
  prompt: LanguagePrompt,
  run: RunContext,
): Promise<AnswerParts['question']> {
  const embeds = await decoder.embed(ids, run);
  if (prompt.embeddings === undefined || prompt.embeddings.size === 0) return embeds;
  return placeEmbeddings(ids, embeds, prompt.embeddings, tokenizer, preset.hidden);
}

function checkTokens(features: FeatureMap, expected: number): void {
  const tokens = features.rows * features.columns;
  if (features.layout === 'tokens' && tokens === expected) return;
  throw new MaskloomError(
    'VALUE_INVALID',
    `The language model reads ${expected} image tokens; the vision encoder gave a ${features.layout} of ${tokens}.`,
    {
      where: 'llava/language-model',
      hint: 'Use the vision tower that this language model was trained with.',
    },
  );
}
