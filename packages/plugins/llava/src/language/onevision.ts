import { z } from 'zod';
import { defineStage, LanguageModel, type StageFactory } from '@maskloom/core';
import { createLanguage, languageOptions } from './create-language.js';
import { readInstructions } from './instructions.js';
import type { LlavaOptions } from './language-model.js';
import { readOneVisionPreset } from './preset.js';
import { plainWords } from './question.js';

const options = languageOptions.extend({
  instruction: z
    .enum(['task', 'list', 'region'])
    .default('task')
    .describe('Which instruction stands before the image: that of the task, or one for lists or regions.'),
});

/** Options of {@link oneVisionLanguageModel}. */
export interface OneVisionOptions extends LlavaOptions {
  /**
   * Which instruction stands before the image: that of the request's task (default), or the one that the bundle's
   * stacks (`list`) or its naming along regions (`region`) were trained with, whatever the task.
   */
  readonly instruction?: 'task' | 'list' | 'region' | undefined;
}

/**
 * LLaVA-OneVision: as {@link llavaLanguageModel}, over SigLIP's tokens and Qwen2. The instruction stands before the
 * image (our choice: image tokens are read causally, so only then can the state of a patch depend on the task), and
 * the image is read for it: `read` takes the task and the user's words.
 */
export const oneVisionLanguageModel: StageFactory<
  'LanguageModel',
  z.ZodType<unknown, OneVisionOptions | undefined>,
  'vision-tokens',
  'image-states' | 'query-state' | 'text'
> = defineStage({
  slot: LanguageModel,
  name: 'llava/onevision-language-model',
  summary: 'LLaVA-OneVision: image read for an instruction, greedy cached decoding, states of every patch.',
  options,
  needs: ['vision-tokens'],
  gives: ['image-states', 'query-state', 'text'],
  create: (given, { models }) => {
    const preset = readOneVisionPreset(models);
    return createLanguage({
      models,
      options: given,
      preset,
      group: 'onevision',
      space: 'onevision-tokens',
      instruct: readInstructions(preset, given.instruction, models.bundle),
      wording: plainWords(preset),
      where: 'llava/onevision-language-model',
    });
  },
});
