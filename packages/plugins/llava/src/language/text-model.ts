import { z } from 'zod';
import {
  MaskloomError,
  readPreset,
  type LanguageAnswer,
  type ModelHost,
  type RunContext,
} from '@maskloom/core';
import { generate } from './answer.js';
import { CausalDecoder } from './causal-decoder.js';

const languagePreset = z.object({
  hidden: z.number().int().positive(),
  eos: z.string().min(1),
  positions: z.number().int().positive(),
});

/** A language model by itself: text to text. */
export interface TextModel {
  /** The device that it runs on. */
  readonly device: string;
  /**
   * Goes on from a prompt, greedily, to the end token or the limit.
   * @param prompt - as the model is to read it, its chat template's marks included
   * @throws MaskloomError PROMPT_TOO_LONG, MODEL_RUN_FAILED, ABORTED
   */
  write(prompt: string, maxNewTokens: number, run: RunContext): Promise<LanguageAnswer>;
}

/**
 * Opens a language model without a picture (roles `tokenEmbedding`, `languageModel`; preset `language`): what `maskloom-convert
 * gguf` writes, and Qwen2 from a model hub.
 * @param models - of the recipe, e.g. `await context.models.recipe('llama/language')`
 * @throws MaskloomError BUNDLE_INVALID, MODEL_LOAD_FAILED
 */
export async function openTextModel(models: ModelHost): Promise<TextModel> {
  const { hidden, eos, positions } = readPreset(models, 'language', languagePreset);
  const [embedding, model, tokenizer] = await Promise.all([
    models.model('tokenEmbedding'),
    models.model('languageModel'),
    models.tokenizer(),
  ]);
  const decoder = new CausalDecoder(embedding, model);
  const end = tokenizer.id(eos);
  return {
    device: model.device,
    async write(prompt, maxNewTokens, run) {
      const questionIds = tokenizer.encode(prompt);
      const room = positions - questionIds.length;
      if (room < 1 || questionIds.length === 0) {
        throw new MaskloomError(
          'PROMPT_TOO_LONG',
          `The prompt has ${questionIds.length} tokens; the model reads 1 to ${positions - 1}.`,
          { where: 'openTextModel', hint: 'Ask in fewer words.' },
        );
      }
      const none: readonly number[] = [];
      return generate(
        {
          decoder,
          tokenizer,
          hidden,
          ids: {
            textFirst: false,
            prefix: () => none,
            question: () => questionIds,
            answer: () => none,
            eos: end,
          },
          question: await decoder.embed(questionIds, run),
          questionIds,
        },
        decoder.emptyCache(),
        { text: prompt, watch: [] },
        Math.min(maxNewTokens, room),
        run,
      );
    },
  };
}
