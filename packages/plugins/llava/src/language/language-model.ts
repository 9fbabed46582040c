import type { z } from 'zod';
import { defineStage, LanguageModel, type StageFactory } from '@maskloom/core';
import { createLanguage, languageOptions } from './create-language.js';
import { readLlavaPreset } from './preset.js';

/** Options of {@link llavaLanguageModel} and {@link oneVisionLanguageModel}. */
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

/** A language model that reads image tokens. */
export type SeeingLanguageModel = StageFactory<
  'LanguageModel',
  z.ZodType<unknown, LlavaOptions | undefined>,
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
  options: languageOptions,
  needs: ['vision-tokens'],
  gives: ['image-states', 'query-state', 'text'],
  create: (options, { models }) =>
    createLanguage({
      models,
      options,
      preset: readLlavaPreset(models),
      group: 'llava',
      space: 'llava-tokens',
      instruct: () => '',
    }),
});
