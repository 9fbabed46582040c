import { z } from 'zod';
import {
  defineStage,
  LanguageModel,
  type FeatureMap,
  type LanguagePrompt,
  type LanguageSession,
  type RunContext,
  type Tokenizer,
  type StageFactory,
} from '@maskloom/core';
import { generate, teacherForce, type AnswerParts } from './answer.js';
import { CausalDecoder } from './causal-decoder.js';
import { ImageShelf } from './image-shelf.js';
import { placeEmbeddings } from './placed-embeddings.js';
import { readLlavaPreset, type LlavaPreset } from './preset.js';
import { promptIds, type PromptIds } from './prompt-ids.js';
import { readImage, type ImageReader, type ReadImage } from './read-image.js';

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
  keepImages: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe('Images that stay read across runs sharing a feature cache; for many questions per image.'),
});

/** Options of {@link llavaLanguageModel}. */
export interface LlavaOptions {
  /** Longest answer in tokens, 1 to 4096; the bundle's when absent. */
  readonly maxNewTokens?: number | undefined;
  /** Teacher-forced use: read the states off this answer instead of generating one. Every result says so. */
  readonly forcedAnswer?: string | undefined;
  /**
   * Images whose key-value cache stays between runs, for many questions about each; default 0. Runs must share
   * a feature cache, by whose tensors images are recognised. Kept until others take their place, or `dispose`.
   */
  readonly keepImages?: number | undefined;
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
  async create({ maxNewTokens, forcedAnswer, keepImages }, { models }) {
    const preset = readLlavaPreset(models);
    const [projector, embedding, model, tokenizer] = await Promise.all([
      models.model('projector'),
      models.model('tokenEmbedding'),
      models.model('languageModel'),
      models.tokenizer(),
    ]);
    const ids = promptIds(tokenizer, preset);
    const parts: SessionParts = {
      preset,
      projector,
      decoder: new CausalDecoder(embedding, model),
      tokenizer,
      ids,
      prefix: ids.prefix,
      imageTokens: preset.imageTokens,
      longest: maxNewTokens ?? preset.maxNewTokens,
      forcedAnswer,
    };
    const shelf = new ImageShelf(keepImages);
    const vision = projector.inputs[0]?.shape.at(-1);
    return {
      hiddenWidth: preset.hidden,
      widths: { hidden: preset.hidden, ...(typeof vision === 'number' ? { vision } : {}) },
      device: model.device,
      read: async (features: FeatureMap, run: RunContext) => {
        const image = await shelf.get(features.tensor, run, () => readImage(parts, features, run));
        return sessionOn(parts, features, image);
      },
      dispose: () => shelf.dispose(),
    };
  },
});

interface SessionParts extends ImageReader {
  readonly preset: LlavaPreset;
  readonly tokenizer: Tokenizer;
  readonly ids: PromptIds;
  readonly longest: number;
  readonly forcedAnswer: string | undefined;
}

/** A session on an image that has been read. */
function sessionOn(parts: SessionParts, features: FeatureMap, image: ReadImage): LanguageSession {
  const { preset, ids, longest } = parts;
  const hidden = preset.hidden;
  return {
    imageStates: {
      ...features,
      space: 'llava-tokens',
      layout: 'tokens',
      tensor: image.states,
      width: hidden,
    },
    answer: async (prompt, run) => {
      const questionIds = ids.question(prompt.text);
      const question = await questionEmbeds(parts, questionIds, prompt, run);
      const answerParts: AnswerParts = { ...parts, hidden, image: image.cache, question, questionIds };
      const forcedAnswer = prompt.forcedAnswer ?? parts.forcedAnswer;
      if (forcedAnswer === undefined)
        return generate(answerParts, prompt, prompt.maxNewTokens ?? longest, run);
      run.warn('Teacher-forced: the answer was given, not generated.');
      return teacherForce(answerParts, { ...prompt, forcedAnswer }, run);
    },
  };
}

async function questionEmbeds(
  { decoder, tokenizer, preset }: SessionParts,
  ids: readonly number[],
  prompt: LanguagePrompt,
  run: RunContext,
): Promise<AnswerParts['question']> {
  const embeds = await decoder.embed(ids, run);
  if (prompt.embeddings === undefined || prompt.embeddings.size === 0) return embeds;
  return placeEmbeddings(ids, embeds, prompt.embeddings, tokenizer, preset.hidden);
}
