import type { PointSet, RleMask, SegmentRequest, SpatialPrompt, Task } from '@maskloom/core';
import { z } from 'zod';
import { descriptionsSchema } from '../systems/descriptions.js';

const pixels = z.number().finite().min(-1e6).max(1e6);

/** Run lengths of a mask in COCO's compressed form. */
export const maskSchema = z
  .strictObject({
    size: z.tuple([z.int().positive(), z.int().positive()]).describe('height and width'),
    counts: z.string().max(20_000_000),
  })
  .describe('run lengths in COCO form');

const promptSchema = z.strictObject({
  label: z.string().max(500).optional(),
  box: z
    .tuple([pixels, pixels, pixels, pixels])
    .optional()
    .describe('x, y, width, height in pixels of the picture'),
  points: z
    .array(z.tuple([pixels, pixels, z.literal([0, 1])]))
    .max(1000)
    .optional()
    .describe('x, y and 1 (in the region) or 0 (outside of it)'),
  mask: maskSchema.optional(),
});

/** Classes that have a colour already, in their order. */
export const classesSchema = z.array(z.string().max(4000)).max(20_000).default([]);

/** What is asked about a picture. */
export const questionSchema = z.strictObject({
  task: z
    .enum(['referring', 'reasoning', 'free', 'semantic', 'instance', 'prompted'])
    .optional()
    .describe('what each system is for, by what is given, when absent'),
  text: z.string().min(1).max(4000).optional().describe('a phrase or a question'),
  labels: z.array(z.string().min(1).max(500)).min(1).max(20_000).optional().describe('names of classes'),
  prompts: z.array(promptSchema).min(1).max(1000).optional().describe('regions pointed at'),
  descriptions: descriptionsSchema.optional(),
});

/** A region that is pointed at. */
export interface AskedRegion {
  /** What it is called. */
  readonly label?: string | undefined;
  /** x, y, width, height in pixels of the picture. */
  readonly box?: readonly [number, number, number, number] | undefined;
  /** x, y and 1 (in the region) or 0 (outside of it). */
  readonly points?: readonly (readonly [number, number, 0 | 1])[] | undefined;
  /** The region itself, at the size of the picture. */
  readonly mask?: RleMask | undefined;
}

/** What is asked about a picture; nothing in particular when it is empty. */
export interface Question {
  /** What each system is for, by what is given, when absent. */
  readonly task?: 'referring' | 'reasoning' | 'free' | 'semantic' | 'instance' | 'prompted' | undefined;
  /** A phrase or a question. */
  readonly text?: string | undefined;
  /** Names of classes. */
  readonly labels?: readonly string[] | undefined;
  /** Regions pointed at. */
  readonly prompts?: readonly AskedRegion[] | undefined;
  /** What the classes look like, as `maskloom describe` writes it. */
  readonly descriptions?: object | undefined;
}

/** A question in the form that pipelines take. */
export function requestOf({ text, labels, prompts }: Question, task: Task): SegmentRequest {
  return {
    task,
    ...(text === undefined ? {} : { text }),
    ...(labels === undefined ? {} : { labels }),
    ...(prompts === undefined ? {} : { prompts: prompts.map(promptOf) }),
  };
}

function promptOf({ label, box, points, mask }: AskedRegion): SpatialPrompt {
  return {
    ...(label === undefined ? {} : { label }),
    ...(box === undefined ? {} : { box: boxOf(box) }),
    ...(points === undefined ? {} : { points: pointsOf(points) }),
    ...(mask === undefined ? {} : { mask }),
  };
}

/** x, y, width, height as a box of the picture. */
export function boxOf([x, y, width, height]: readonly [number, number, number, number]) {
  return { frame: 'ImagePx', x, y, width, height } as const;
}

function pointsOf(points: readonly (readonly [number, number, 0 | 1])[]): PointSet<'ImagePx'> {
  return {
    frame: 'ImagePx',
    xy: Float32Array.from(points.flatMap(([x, y]) => [x, y])),
    labels: Int8Array.from(points.map(([, , label]) => label)),
  };
}
