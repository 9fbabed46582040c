import { z } from 'zod';
import { MaskloomError, parseOptions, type ModelHost, type RunContext } from '@maskloom/core';
import { openTextModel, type TextModel } from '@maskloom/llava';
import { withArticle } from '../article.js';
import { AnswerInvalid, checkDescription } from '../service/answer.js';
import type { DescriptionSource } from '../source.js';
import { ATTRIBUTES, sentencesOf, type Attribute, type ClassDescription } from '../variants.js';

/** Recipes of bundles with a language model without pictures, in the order in which they are tried. */
export const LOCAL_MODELS: readonly string[] = ['llama/language', 'qwen2/language'];

const options = z.object({
  recipe: z
    .string()
    .optional()
    .describe(`Recipe of the bundles; the first of ${LOCAL_MODELS.join(', ')}.`),
  template: z
    .string()
    .refine((text) => text.split('{text}').length === 2, 'must hold {text} once')
    .default('<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n')
    .describe("The model's chat template, {text} where the question goes; ChatML when absent."),
  maxNewTokens: z.number().int().min(4).max(512).default(48).describe('Longest sentence in tokens.'),
});

/** Options of {@link localModel}. */
export interface LocalModelOptions {
  /** `system/name` of the bundles' recipe with the model; the first of `llama/language` and `qwen2/language` that there is. */
  readonly recipe?: string | undefined;
  /** The model's chat template, with `{text}` once where the question goes; ChatML (SmolLM2, Qwen2) when absent. */
  readonly template?: string | undefined;
  /** Longest sentence in tokens, 4 to 512; default 48. */
  readonly maxNewTokens?: number | undefined;
}

/** What is asked about each attribute, and how the answer begins: small models keep to a sentence that has begun. */
const ABOUT: Readonly<Record<Attribute, readonly [question: string, beginning: string]>> = {
  colour: ['the usual colours of {a}', 'The colour of {a} is'],
  'shape-size': ['the shape and the size of {a}', 'The shape of {a} is'],
  'texture-material': ['the texture and the material of {a}', 'The surface of {a} is'],
};

/**
 * A language model of a bundle as the source of descriptions: nothing leaves the machine. One sentence an attribute, written
 * greedily: the same model writes the same. It is checked as a service's answer is.
 * @throws MaskloomError OPTION_INVALID; when it is built: BUNDLE_INVALID when no bundle has the model; when it describes:
 * SERVICE_INVALID when it writes no sentence, ABORTED
 */
export function localModel(given: LocalModelOptions = {}): DescriptionSource {
  const settings = parseOptions(options, given, 'localModel');
  return {
    name: `the local model ${settings.recipe ?? ''}`.trim(),
    open: async ({ models }) => {
      const model = await openTextModel(await find(models, settings.recipe));
      const known = new Map<string, ClassDescription>();
      return {
        async describe(names, by, run) {
          for (const [i, name] of names.entries()) {
            if (!known.has(name)) known.set(name, await describe(name, model, settings, run));
            run.progress((i + 1) / names.length, 'descriptions');
          }
          return names.map((name) => sentencesOf(known.get(name), by));
        },
      };
    },
  };
}

async function find(models: ModelHost, recipe: string | undefined): Promise<ModelHost> {
  const ids = recipe === undefined ? LOCAL_MODELS : [recipe];
  for (const id of ids) {
    try {
      return await models.recipe(id);
    } catch (error) {
      if (!MaskloomError.is(error) || error.code !== 'BUNDLE_INVALID') throw error;
    }
  }
  throw new MaskloomError('BUNDLE_INVALID', `No bundle has a language model: ${ids.join(', ')}.`, {
    where: 'localModel',
    hint: 'Add one, e.g. --bundle hub:onnx-community/Qwen2.5-0.5B-Instruct:q4, or a folder that maskloom-convert gguf wrote.',
  });
}

async function describe(
  name: string,
  model: TextModel,
  { template, maxNewTokens }: z.output<typeof options>,
  run: RunContext,
): Promise<ClassDescription> {
  const given: Record<string, readonly string[]> = {};
  for (const attribute of ATTRIBUTES) {
    const [about, beginning] = ABOUT[attribute].map((text) => text.replace('{a}', withArticle(name)));
    const question = `What does ${withArticle(name)} look like? Describe ${about} in one short sentence.`;
    const { text } = await model.write(template.replace('{text}', question) + beginning, maxNewTokens, run);
    const sentence = firstSentence(text);
    given[attribute] = sentence === undefined ? [] : [`${beginning} ${sentence}`];
  }
  try {
    return checkDescription(given);
  } catch (cause) {
    if (!(cause instanceof AnswerInvalid)) throw cause;
    throw new MaskloomError(
      'SERVICE_INVALID',
      `The local model did not describe '${name}': ${cause.message}.`,
      {
        where: 'localModel',
        hint: 'Take a larger model, or one that was trained to follow instructions.',
        cause,
      },
    );
  }
}

/** The first sentence of a text, whole; nothing where it has no end or no letter. */
export function firstSentence(text: string): string | undefined {
  const end = /[.!?](?=\s|$)/.exec(text);
  const sentence = end === null ? '' : text.slice(0, end.index + 1).trim();
  return /\p{L}/u.test(sentence) ? sentence.split(/\s+/).join(' ') : undefined;
}
