import {
  MaskloomError,
  recipeId,
  type Conversation,
  type ConversationRecord,
  type ImageFrame,
  type Pipeline,
} from '@maskloom/core';
import type { ClassColours } from '@maskloom/report';
import { z } from 'zod';
import { boxOf, classesSchema, questionSchema, type Question } from '../ask/request-schema.js';
import { scoredView, type ScoredView } from '../ask/scored-view.js';
import type { StudioQuestion } from '../pictures/example.js';
import type { Desk } from '../server/desk.js';
import type { PlacedDevice } from '../systems/models.js';
import { chosenRecipe, choiceSchema, nameOf, type SystemChoice } from '../systems/choice.js';

/** A conversation as `Conversation.save` gives it; read by core, which says what is wrong with it. */
const recordSchema = z
  .looseObject({ steps: z.array(z.unknown()).max(500), undone: z.array(z.unknown()).max(500) })
  .describe('a conversation, as `result` and turns give it');

const about = {
  picture: z.string().max(100).describe('id of the picture that it is about'),
  system: choiceSchema.describe('who was asked'),
  classes: classesSchema,
};

/** The body of a turn of a conversation. */
export const turnSchema = z.strictObject({
  ...about,
  record: recordSchema,
  say: z.string().min(1).max(2000).describe('what is wrong or what to do; "undo" and "redo" too'),
  about: z.int().min(0).optional().describe("place among the picture's own questions"),
  question: questionSchema.optional().describe('what was asked; with `about`: the turn is scored'),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional().describe('x, y, width, height'),
  segment: z.int().min(0).optional().describe('the segment that is meant'),
  refiner: z.string().max(200).default('refine/concat').describe('the recipe that refines'),
});

/** The body of a conversation that goes on. */
export const openingSchema = z.strictObject({ ...about, record: recordSchema });

/** A turn of a conversation. */
export type TurnBody = z.infer<typeof turnSchema>;

/** Works on a conversation with the pipelines that it needs. */
export async function withConversation<T>(
  desk: Desk,
  {
    system,
    record,
    refiner,
  }: { readonly system: SystemChoice; readonly record: unknown; readonly refiner?: string },
  image: ImageFrame,
  at: PlacedDevice,
  work: (talk: Conversation, pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  const { registry, models } = desk;
  const recipe = chosenRecipe(registry, system);
  const from = record as ConversationRecord;
  return models.use(at, `${nameOf(system)} `, recipe, async (pipeline) => {
    if (refiner === undefined) return work(pipeline.converse(image, { from }), pipeline);
    const helper = registry.recipe(refiner);
    if (helper.stages.Refiner === undefined)
      throw new MaskloomError('OPTION_INVALID', `${recipeId(helper)} refines nothing.`, {
        where: 'refiner',
        hint: 'Name one such as refine/concat.',
      });
    const name = `${nameOf({ recipe: recipeId(helper), stages: {} })} `;
    return models.use(at, name, helper, (second) =>
      work(pipeline.converse(image, { refiner: second, from }), second),
    );
  });
}

/**
 * The view of a conversation's turn, beside the one before.
 * @param about - the picture's own question that the conversation is about, if any
 * @param question - what was asked
 */
export function viewOfStep(
  talk: Conversation,
  at: number,
  classes: ClassColours,
  about?: StudioQuestion,
  question: Question = {},
): Promise<ScoredView> {
  const step = talk.steps[at];
  if (step === undefined) throw new MaskloomError('VALUE_INVALID', 'The conversation has no such turn.');
  const before = talk.steps[at - 1]?.prediction;
  const options = { classes, ...(before && { before }) };
  return scoredView(talk.image, step.prediction, about, question, options);
}

/** What a turn's words may say besides. */
export function hintsOf({ box, segment }: TurnBody) {
  return {
    ...(box === undefined ? {} : { box: boxOf(box) }),
    ...(segment === undefined ? {} : { segment }),
  };
}
