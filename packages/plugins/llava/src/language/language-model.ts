import { z } from 'zod';
import { defineStage, LanguageModel, type StageFactory } from '@maskloom/core';
import { createLanguage, languageOptions } from './create-language.js';
import { readLlavaPreset } from './preset.js';
import { questionWording } from './question.js';

/** Options of {@link llavaLanguageModel} and {@link oneVisionLanguageModel}. */
export interface LlavaOptions {
  /** Longest answer in tokens, 1 to 4096; the bundle's when absent. */
  readonly maxNewTokens?: number | undefined;
  /**
   * Teacher-forced use: read the states off this answer instead of generating one; `true` is the answer that the bundle's
   * system is trained to give (its preset's `answer`). Every result says so.
   */
  readonly forcedAnswer?: string | true | undefined;
  /**
   * Images whose key-value cache stays between runs, for many questions about each; default 0. Runs must share
   * a feature cache, by whose tensors images are recognised. Kept until others take their place, or `dispose`.
   */
  readonly keepImages?: number | undefined;
}

/** Options of {@link llavaLanguageModel}. */
export interface LlavaModelOptions extends LlavaOptions {
  /**
   * How the user's words are asked: `task` (default), by the bundle's question that is called as the request's task, or
   * else the words alone; the name of another of its questions (READ's `short` and `long`, say); or a question of
   * your own, e.g. `'{text} Please output segmentation mask.'`.
   */
  readonly question?: string | undefined;
}

const options = languageOptions.extend({
  question: z
    .string()
    .min(1)
    .default('task')
    .describe("'task', the name of one of the bundle's questions, or a question with {text} in it."),
});

/** A language model that reads image tokens. */
export type SeeingLanguageModel = StageFactory<
  'LanguageModel',
  z.ZodType<unknown, LlavaModelOptions | undefined>,
  'vision-tokens',
  'image-states' | 'query-state' | 'text'
>;

/**
 * LLaVA-1.5: projector, token embedding and a causal language model with a key-value cache. An image is read
 * once (prompt prefix and image tokens); every question about it continues from that cache. Decoding is greedy.
 */
export const llavaLanguageModel: SeeingLanguageModel = defineStage({
  slot: LanguageModel,
  name: 'llava/language-model',
  summary: 'LLaVA-1.5: image read once, greedy cached decoding, states of the image and of watched tokens.',
  options,
  needs: ['vision-tokens'],
  gives: ['image-states', 'query-state', 'text'],
  create: (given, { models }) => {
    const preset = readLlavaPreset(models);
    return createLanguage({
      models,
      options: given,
      preset,
      group: 'llava',
      space: 'llava-tokens',
      instruct: () => '',
      wording: questionWording(preset, given.question),
      where: 'llava/language-model',
    });
  },
});
