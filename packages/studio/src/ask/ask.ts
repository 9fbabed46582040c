import {
  defaultTask,
  type AnyRecipe,
  type FeatureCache,
  type ImageFrame,
  type Pipeline,
  type SegmentRequest,
} from '@maskloom/core';
import type { ClassColours } from '@maskloom/report';
import { z } from 'zod';
import { failureOf } from '../server/errors.js';
import type { EventStream } from '../server/event-stream.js';
import { placeOf, type Desk } from '../server/desk.js';
import { describedRecipe } from '../systems/descriptions.js';
import { chosenRecipe, choiceSchema, nameOf, type SystemChoice } from '../systems/choice.js';
import type { StudioQuestion } from '../pictures/example.js';
import { classesSchema, questionSchema, requestOf, type Question } from './request-schema.js';
import { scoredView } from './scored-view.js';

/** The body of a question to several systems. */
export const askSchema = z.strictObject({
  picture: z.string().max(100).describe('id of a picture'),
  question: questionSchema,
  systems: z.array(choiceSchema).min(1).max(32).describe('who is asked'),
  classes: classesSchema.describe('classes that have a colour already, in their order'),
  about: z
    .int()
    .min(0)
    .optional()
    .describe("place among the picture's own questions: `result` then has the `score` against its truth"),
});

/** A question to several systems. */
export type AskBody = z.infer<typeof askSchema>;

/** One system's part of a question. */
export interface AskedSystem {
  readonly tab: string;
  /** Its place among the systems asked: what events call it. */
  readonly place: number;
  readonly choice: SystemChoice;
  readonly image: ImageFrame;
  readonly question: Question;
  readonly classes: ClassColours;
  /** The picture's own question that it is, or that was changed; says what is true. */
  readonly about: StudioQuestion | undefined;
  /** Shares encoders between the systems of a question. */
  readonly cache: FeatureCache;
}

/**
 * Asks one system and sends what happens: `queued`, `start`, `stage`, `progress`, `text`, then `result` or `failed`.
 */
export async function askSystem(asked: AskedSystem, desk: Desk, events: EventStream): Promise<void> {
  const { place, choice, image, classes, cache, tab } = asked;
  const { signal } = events;
  try {
    const { descriptions } = asked.question;
    const chosen = chosenRecipe(desk.registry, choice);
    const { recipe, key, described } = await describedRecipe(
      desk.registry,
      chosen,
      descriptions,
      desk.reader,
    );
    const ignores = descriptions !== undefined && !described ? ['descriptions'] : [];
    const request = requestFor(recipe, asked.question);
    const work = (pipeline: Pipeline): Promise<void> =>
      listening(pipeline, place, events, async () => {
        const talk = pipeline.converse(image);
        const prediction = await talk.ask(request, { signal, cache });
        const shown = await scoredView(image, prediction, asked.about, asked.question, { classes });
        const record = talk.save();
        events.send('result', { place, ...shown, ignores, classes: classes.labels, record });
      });
    const at = await placeOf(desk, choice.device);
    await desk.queues.of(at.device).run(
      tab,
      async () => {
        events.send('start', { place });
        await desk.models.use(at, `${nameOf(choice)} ${key}`, recipe, work);
      },
      signal,
      (ahead) => events.send('queued', { place, ahead }),
    );
  } catch (error) {
    events.send('failed', { place, ...failureOf(error) });
  }
}

/** The request that a recipe is given: the task named, else what the question is for in the form that it can do. */
export function requestFor(recipe: AnyRecipe, question: Question): SegmentRequest {
  const { text, labels, prompts } = question;
  const phrases = recipe.tasks.includes('referring') || recipe.tasks.includes('reasoning');
  const task =
    question.task ??
    defaultTask({
      text: text !== undefined && phrases,
      labels: labels !== undefined || (text !== undefined && !phrases),
      regions: prompts !== undefined,
      masks: prompts?.some(({ mask }) => mask !== undefined) ?? false,
      able: recipe.tasks,
    });
  // A system that reads no phrases looks for the class of that name.
  const named = labels === undefined && text !== undefined && (task === 'semantic' || task === 'instance');
  return requestOf(named ? { ...question, labels: [text], text: undefined } : question, task);
}

/** Sends a pipeline's events while it works; it works on nothing else meanwhile. */
export async function listening<T>(
  { events: bus }: Pipeline,
  place: number,
  events: EventStream,
  work: () => Promise<T>,
): Promise<T> {
  const text = (event: { readonly text: string }): void => events.send('text', { place, text: event.text });
  const stage = ({ slot, stage: name }: { readonly slot: string; readonly stage: string }): void =>
    events.send('stage', { place, slot, stage: name });
  const progress = ({ fraction, note }: { readonly fraction: number; readonly note?: string }): void =>
    events.send('progress', { place, fraction, note });
  bus.on('text', text).on('stage:start', stage).on('progress', progress);
  try {
    return await work();
  } finally {
    bus.off('text', text).off('stage:start', stage).off('progress', progress);
  }
}
