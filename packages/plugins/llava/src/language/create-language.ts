import { z } from 'zod';
import {
  MaskloomError,
  type FeatureMap,
  type LanguageModel,
  type LanguagePrompt,
  type LanguageSession,
  type ModelHost,
  type ReadingPurpose,
  type RunContext,
  type Task,
  type Tokenizer,
} from '@maskloom/core';
import { generate, teacherForce, type AnswerParts } from './answer.js';
import { CausalDecoder } from './causal-decoder.js';
import { promptLength, type Context } from './context-length.js';
import { ImageShelf } from './image-shelf.js';
import { placeEmbeddings } from './placed-embeddings.js';
import type { LanguagePreset } from './preset.js';
import { promptIds, type PromptIds } from './prompt-ids.js';
import { PromptOpening } from './prompt-opening.js';
import type { Wording } from './question.js';
import { writeAlong } from './write-along.js';
import { readImage, type ImageReader, type ReadImage } from './read-image.js';
import { SessionImage, type ReadWith } from './session-image.js';

/** The options of every language model that sees. */
export const languageOptions = z.object({
  maxNewTokens: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe("Longest answer in tokens; the bundle's when absent."),
  forcedAnswer: z
    .union([z.string(), z.literal(true)])
    .optional()
    .describe(
      "Teacher-forced use: read the states off this answer (true: the system's own trained one) instead of generating one. Every result says so.",
    ),
  keepImages: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe('Images that stay read across runs sharing a feature cache; for many questions per image.'),
});

/** What a language model that sees is made of. */
export interface LanguageParts {
  readonly models: ModelHost;
  readonly preset: LanguagePreset;
  /** The preset's name. */
  readonly group: string;
  /** Names the space of the image tokens' states. */
  readonly space: string;
  readonly options: z.output<typeof languageOptions>;
  /** The words that an image is read for, of a purpose. */
  readonly instruct: (purpose: ReadingPurpose) => string;
  /** Words as they stand in the template. */
  readonly wording: Wording;
  /** The stage's name. */
  readonly where: string;
}

/**
 * Opens projector, token embedding and language model.
 * @throws MaskloomError BUNDLE_INVALID, MODEL_LOAD_FAILED
 */
export async function createLanguage(given: LanguageParts): Promise<LanguageModel> {
  const { models, preset, group, space, options, instruct, wording, where } = given;
  const [projector, embedding, model, tokenizer] = await Promise.all([
    models.model('projector'),
    models.model('tokenEmbedding'),
    models.model('languageModel'),
    models.tokenizer(),
  ]);
  const parts: SessionParts = {
    preset,
    space,
    projector,
    decoder: new CausalDecoder(embedding, model),
    opening: new PromptOpening(),
    tokenizer,
    ids: promptIds(tokenizer, preset, group),
    imageTokens: preset.imageTokens,
    longest: options.maxNewTokens ?? preset.maxNewTokens,
    forcedAnswer: forcedAnswerOf(given),
    positions: preset.positions,
    wording,
    where,
    shelf: new ImageShelf(options.keepImages),
  };
  const vision = projector.inputs[0]?.shape.at(-1);
  return {
    hiddenWidth: preset.hidden,
    widths: { hidden: preset.hidden, ...(typeof vision === 'number' ? { vision } : {}) },
    device: model.device,
    check: (purpose) => {
      const words = parts.ids.textFirst ? instruct(purpose) : instruct(purpose) || (purpose.text ?? '');
      promptLength(parts, wording(words, purpose.task));
    },
    requireToken: (token) => void tokenizer.id(token),
    read: async (features, run, purpose = {}) => {
      const words = instruct(purpose);
      if (purpose.states === true && words !== '' && !parts.ids.textFirst) throw lostInstruction(given);
      // What stays read for other runs is read by itself.
      const later = purpose.asked === true && options.keepImages === 0;
      const image = await imageFor(parts, features, words, run, { later, compared: purpose.compared });
      return sessionOn(parts, features, image, [purpose.text ?? '', words], purpose.task);
    },
    dispose: () => parts.shelf.dispose(),
  };
}

interface SessionParts extends ImageReader, Context {
  readonly preset: LanguagePreset;
  readonly space: string;
  readonly tokenizer: Tokenizer;
  readonly ids: PromptIds;
  readonly wording: Wording;
  readonly longest: number;
  readonly forcedAnswer: string | undefined;
  readonly shelf: ImageShelf;
}

/**
 * Reads an image for certain words, or takes it off the shelf.
 * @param how - whether to read it later, with the first question, and whether its states' values are read here
 */
async function imageFor(
  parts: SessionParts,
  features: FeatureMap,
  words: string,
  run: RunContext,
  {
    later = false,
    compared = false,
  }: { readonly later?: boolean; readonly compared?: boolean | undefined } = {},
): Promise<SessionImage> {
  const { ids, shelf, wording, decoder } = parts;
  const key = ids.textFirst ? wording(words) : '';
  const readWith: ReadWith = (pieces, by) =>
    readImage(parts, ids.prefix(key), features, pieces, compared, by);
  if (later) return new SessionImage(decoder, readWith);
  const alone = async (): Promise<ReadImage> => (await readWith([], run)).image;
  return new SessionImage(decoder, readWith, await shelf.get(features.tensor, key, run, alone));
}

/** States of image tokens are causal: words that come after them are not in them. */
function lostInstruction({ models, group }: LanguageParts): MaskloomError {
  return new MaskloomError(
    'BUNDLE_INVALID',
    "The instruction would be lost: the image's states are wanted for it, and the template has the words after the image.",
    {
      where: `${models.bundle}: presets.${group}.prompt`,
      hint: 'Use a bundle that was trained with {text} before {image}, or a system that reads the answer alone.',
    },
  );
}

/** The answer put in the model's mouth: as given, or the system's own trained one. */
function forcedAnswerOf({ models, preset, group, options }: LanguageParts): string | undefined {
  if (options.forcedAnswer !== true) return options.forcedAnswer;
  if (preset.answer !== undefined) return preset.answer;
  throw new MaskloomError(
    'BUNDLE_INVALID',
    'The bundle does not say which answer its system is trained to give.',
    {
      where: `${models.bundle}: presets.${group}.answer`,
      hint: 'Add it there, or give the answer itself as forcedAnswer.',
    },
  );
}

/**
 * A session on an image.
 * @param known - the words that it was read for, in the user's and in the template's form
 * @param task - what it was read for, where that is known
 */
function sessionOn(
  parts: SessionParts,
  features: FeatureMap,
  image: SessionImage,
  known: readonly string[],
  task: Task | undefined,
): LanguageSession {
  const { preset, ids, longest, space, wording } = parts;
  const hidden = preset.hidden;
  const context = { ...parts, imageTokens: features.rows * features.columns };
  const [given = '', instruction = ''] = known;
  // A template with the words after the image is where an instruction without words of its own belongs.
  const asked = (text: string): string => {
    const own = text.trim() !== '' && text.trim() !== given.trim();
    return ids.textFirst || own || instruction === '' ? text : instruction;
  };
  return {
    imageStates: {
      ...features,
      space,
      layout: 'tokens',
      width: hidden,
      get tensor() {
        return image.now.states;
      },
    },
    answer: async (prompt, run) => {
      const otherWords = ids.textFirst && prompt.text.trim() !== '' && !known.includes(prompt.text);
      const words = wording(asked(prompt.text), task);
      const readFirst = ids.textFirst && !otherWords ? wording(instruction, task) : words;
      const length = promptLength(context, readFirst);
      const about = otherWords ? await imageFor(parts, features, prompt.text, run) : image;
      const questionIds = ids.question(words);
      const question = await questionEmbeds(parts, questionIds, prompt, run);
      const answerParts: AnswerParts = { ...parts, hidden, question, questionIds };
      const forcedAnswer = prompt.forcedAnswer ?? parts.forcedAnswer;
      // What is left of the context is all that can be written.
      const most = Math.min(prompt.maxNewTokens ?? longest, parts.positions - length);
      if (forcedAnswer === undefined)
        return generate(answerParts, (await about.get(run)).cache, prompt, most, run);
      run.warn('Teacher-forced: the answer was given, not generated.');
      return teacherForce(answerParts, about, { ...prompt, forcedAnswer }, run);
    },
    along: async (prompt, run) => {
      const questionIds = ids.question(wording(asked(given), task));
      const { cache } = await image.get(run);
      return writeAlong({ ...parts, hidden, eos: ids.eos, image: cache, questionIds }, prompt, run);
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
