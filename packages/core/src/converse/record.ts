import { z } from 'zod';
import type { Box } from '../domain/frames.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction, Segment, StageTrace } from '../domain/prediction.js';
import { REFINE_SITUATIONS } from '../domain/refinement.js';
import { MaskloomError } from '../errors/maskloom-error.js';
import { runsOfRle } from '../mask/rle.js';
import type { ConversationStep } from './conversation.js';
import {
  CONVERSATION_SCHEMA,
  type ConversationRecord,
  type SavedImage,
  type SavedInstruction,
  type SavedPoints,
  type SavedPrediction,
  type SavedPrompt,
  type SavedRefinement,
  type SavedRequest,
  type SavedSegment,
  type SavedStep,
} from './saved.js';

/** One schema per property of a saved value, none more and none fewer. */
type ShapeOf<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

const box = z.strictObject({
  frame: z.literal('ImagePx'),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
} satisfies ShapeOf<Box<'ImagePx'>>);
const points = z.strictObject({
  xy: z.array(z.number()),
  labels: z.array(z.int().min(-1).max(1)),
} satisfies ShapeOf<SavedPoints>);
const mask = z.strictObject({
  size: z.tuple([z.int().positive(), z.int().positive()]),
  counts: z.string(),
} satisfies ShapeOf<Segment['mask']>);
const prompt = z.strictObject({
  label: z.string().optional(),
  box: box.optional(),
  points: points.optional(),
  mask: mask.optional(),
} satisfies ShapeOf<SavedPrompt>);
const request = z.strictObject({
  task: z.enum(['referring', 'reasoning', 'free', 'semantic', 'instance', 'prompted']),
  text: z.string().optional(),
  labels: z.array(z.string()).optional(),
  prompts: z.array(prompt).optional(),
} satisfies ShapeOf<SavedRequest>);
const situation = z.enum(REFINE_SITUATIONS as [(typeof REFINE_SITUATIONS)[number]]);
const instruction = z.strictObject({
  say: z.string(),
  box: box.optional(),
  segment: z.int().nonnegative().optional(),
  situation: situation.optional(),
  wrong: z.string().optional(),
  name: z.string().optional(),
} satisfies ShapeOf<SavedInstruction>);
const refinement = z.strictObject({
  by: z.string(),
  situation,
  say: z.string(),
  segment: z.int().nonnegative(),
  oracle: z.boolean().optional(),
} satisfies ShapeOf<SavedRefinement>);
const segment = z.strictObject({
  label: z.string(),
  score: z.number(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  area: z.int().nonnegative(),
  mask,
} satisfies ShapeOf<SavedSegment>);
const stage = z.strictObject({
  slot: z.string(),
  stage: z.string(),
  ms: z.number(),
  device: z.string(),
} satisfies ShapeOf<StageTrace>);
const prediction = z.strictObject({
  system: z.string(),
  recipe: z.string(),
  request,
  answer: z.string(),
  segments: z.array(segment),
  outcome: z.enum(['segmented', 'empty', 'refused']).optional(),
  stages: z.array(stage),
  warnings: z.array(z.string()),
  refinement: refinement.optional(),
} satisfies ShapeOf<SavedPrediction>);
const step = z.strictObject({
  kind: z.enum(['ask', 'say', 'adopt']),
  request: request.optional(),
  instruction: instruction.optional(),
  prediction,
} satisfies ShapeOf<SavedStep>);
const record = z.strictObject({
  schema: z.literal(CONVERSATION_SCHEMA),
  image: z.strictObject({
    sha256: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
  } satisfies ShapeOf<SavedImage>),
  steps: z.array(step),
  undone: z.array(step),
} satisfies ShapeOf<ConversationRecord>);

/** A conversation as a JSON value. */
export function recordOf(
  { sha256, width, height }: ImageFrame,
  steps: readonly ConversationStep[],
  undone: readonly ConversationStep[],
): ConversationRecord {
  return {
    schema: CONVERSATION_SCHEMA,
    image: { sha256, width, height },
    steps: steps.map(written),
    undone: undone.map(written),
  };
}

/**
 * The turns of a saved conversation: done and undone.
 * @throws MaskloomError DATA_INVALID naming the field, VALUE_INVALID when it is of another image
 */
export function stepsOf(
  saved: unknown,
  image: ImageFrame,
): [done: readonly ConversationStep[], undone: readonly ConversationStep[]] {
  const parsed = record.safeParse(saved);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.message ?? 'malformed'}`, `conversation.${issue?.path.join('.') ?? ''}`);
  }
  const { image: of, steps, undone } = parsed.data;
  if (of.sha256 !== image.sha256 || of.width !== image.width || of.height !== image.height) {
    throw new MaskloomError('VALUE_INVALID', 'The saved conversation is about another image.', {
      where: 'conversation.image',
      hint: `It is about the one with SHA-256 ${of.sha256.slice(0, 12)}.`,
    });
  }
  const read = (part: string) => (one: SavedStep, i: number) => live(one, image, `${part}[${i}]`);
  return [steps.map(read('conversation.steps')), undone.map(read('conversation.undone'))];
}

function written({ prediction, request, instruction, ...step }: ConversationStep): SavedStep {
  return JSON.parse(
    JSON.stringify({
      ...step,
      request: request === undefined ? undefined : plainRequest(request),
      instruction,
      prediction: {
        ...prediction,
        request: plainRequest(prediction.request),
        segments: prediction.segments.map(({ evidence: _, ...segment }) => segment),
      },
    }),
  ) as SavedStep;
}

/** Typed arrays as lists, the frame of points left to the format. */
function plainRequest(request: Prediction['request']): unknown {
  return {
    ...request,
    prompts: request.prompts?.map(({ points: given, ...prompt }) => ({
      ...prompt,
      ...(given === undefined ? {} : { points: { xy: [...given.xy], labels: [...given.labels] } }),
    })),
  };
}

function live(saved: SavedStep, image: ImageFrame, where: string): ConversationStep {
  for (const [i, { mask }] of saved.prediction.segments.entries()) {
    const at = `${where}.prediction.segments[${i}].mask`;
    if (mask.size[0] !== image.height || mask.size[1] !== image.width) throw invalid('has another size', at);
    runsOfRle(mask, at);
  }
  const requestOf = (given: SavedRequest): unknown => ({
    ...given,
    ...(given.prompts === undefined
      ? {}
      : {
          prompts: given.prompts.map(({ points: xy, ...rest }) => ({
            ...rest,
            ...(xy === undefined
              ? {}
              : {
                  points: {
                    frame: 'ImagePx',
                    xy: Float32Array.from(xy.xy),
                    labels: Int8Array.from(xy.labels),
                  },
                }),
          })),
        }),
  });
  return Object.freeze({
    ...saved,
    ...(saved.request === undefined ? {} : { request: requestOf(saved.request) }),
    prediction: { ...saved.prediction, request: requestOf(saved.prediction.request) },
  }) as ConversationStep & { prediction: { segments: Segment[] } };
}

function invalid(what: string, where: string): MaskloomError {
  return new MaskloomError('DATA_INVALID', `A saved conversation cannot be read: ${what}.`, {
    where,
    hint: 'Give what save() returned.',
  });
}
