import { defineStage, LanguageModel, type ReadingPurpose } from '@maskloom/core';
import { createLanguage, languageOptions } from './create-language.js';
import type { SeeingLanguageModel } from './language-model.js';
import { readOneVisionPreset } from './preset.js';

/**
 * LLaVA-OneVision: as {@link llavaLanguageModel}, over SigLIP's tokens and Qwen2. The instruction stands before the
 * image (our choice: image tokens are read causally, so only then can the state of a patch depend on the task), and
 * the image is read for it: `read` takes the task and the user's words. A task without an instruction in the bundle
 * puts the words there as they are.
 */
export const oneVisionLanguageModel: SeeingLanguageModel = defineStage({
  slot: LanguageModel,
  name: 'llava/onevision-language-model',
  summary: 'LLaVA-OneVision: image read for an instruction, greedy cached decoding, states of every patch.',
  options: languageOptions,
  needs: ['vision-tokens'],
  gives: ['image-states', 'query-state', 'text'],
  create: (options, { models }) => {
    const preset = readOneVisionPreset(models);
    return createLanguage({
      models,
      options,
      preset,
      group: 'onevision',
      space: 'onevision-tokens',
      instruct: (purpose) => instructionFor(preset.instructions, purpose),
    });
  },
});

/**
 * The instruction of a task with the user's words in its `{text}` place; the words alone where it has none.
 * @param instructions - by task
 */
export function instructionFor(
  instructions: Readonly<Record<string, string>>,
  { task, text = '' }: ReadingPurpose,
): string {
  const instruction = task === undefined ? undefined : instructions[task];
  return instruction === undefined ? text : instruction.split('{text}').join(text.trim());
}
