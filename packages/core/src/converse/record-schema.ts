import { z } from 'zod';
import type { Box } from '../domain/frames.js';
import type { Segment, StageTrace } from '../domain/prediction.js';
import { EDIT_SITUATIONS, REFINE_SITUATIONS, type Situation } from '../domain/refinement.js';
import type { SlotName } from '../slots/slot-stages.js';
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
const situation = z.enum([...REFINE_SITUATIONS, ...EDIT_SITUATIONS] as [Situation]);
const indices = z.array(z.int().nonnegative());
const instruction = z.strictObject({
  say: z.string(),
  box: box.optional(),
  segment: z.int().nonnegative().optional(),
  situation: situation.optional(),
  segments: indices.optional(),
  fraction: z.number().positive().optional(),
  wrong: z.string().optional(),
  name: z.string().optional(),
} satisfies ShapeOf<SavedInstruction>);
const refinement = z.strictObject({
  by: z.string(),
  situation,
  say: z.string(),
  segment: z.int().nonnegative().optional(),
  from: indices.optional(),
  oracle: z.boolean().optional(),
} satisfies ShapeOf<SavedRefinement>);
/** A plugin may bring slots of its own. */
const slot = z.custom<SlotName>((name) => typeof name === 'string' && name !== '', 'a slot has a name');
const segment = z.strictObject({
  label: z.string(),
  score: z.number(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  area: z.int().nonnegative(),
  mask,
} satisfies ShapeOf<SavedSegment>);
const stage = z.strictObject({
  slot,
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
/** The record as a schema. Parsing puts every field in one order, so that a record is the same to the byte after loading. */
export const recordSchema: z.ZodType<ConversationRecord> = z.strictObject({
  schema: z.literal(CONVERSATION_SCHEMA),
  image: z.strictObject({
    sha256: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
  } satisfies ShapeOf<SavedImage>),
  steps: z.array(step),
  undone: z.array(step),
} satisfies ShapeOf<ConversationRecord>);
