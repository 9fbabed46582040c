import { DEVICE_CHOICES } from '@maskloom/core';
import { z } from 'zod';

const digest = z.string().regex(/^[\w-]{43}$/);
const sha256 = z.string().regex(/^[\da-f]{64}$/);
const name = z.string().min(1).max(500);
const count = z.number().int().nonnegative();

/** One unit as a group names it. */
const unitSchema = z.object({
  key: digest,
  unit: z.object({ subject: count, part: name, protocol: name }),
});

/** The picture and what is asked about it; what lies deeper is read by the protocols. */
const sceneSchema = z.looseObject({
  id: z.union([z.string().max(4096), z.number()]),
  image: z.string().min(1).max(4096),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  segments: z.array(z.looseObject({})),
});

/** Everything that is left to do on one picture, for one worker. */
export const groupSchema = z.object({
  /** The run that it is of. */
  run: digest,
  /** Unique in the queue. */
  id: digest,
  /** The part that the scene is in. */
  part: name,
  scene: sceneSchema,
  units: z.array(unitSchema).min(1).max(100_000),
  /** SHA-256 of the picture's file; absent where the coordinator cannot read it either. */
  picture: sha256.optional(),
});
/** As {@link groupSchema} reads it. */
export type Group = z.output<typeof groupSchema>;

const failureSchema = z.object({ code: z.string().regex(/^[A-Z_]{1,40}$/), message: z.string().max(20_000) });

/** A unit's result as the ledger keeps it. */
const resultSchema = z.looseObject({
  image: z.string().max(64),
  ms: z.number().nonnegative(),
  devices: z.array(name).max(100),
  stages: z.record(z.string(), z.number()).optional(),
  parts: z.record(z.string(), z.json()),
  answers: z.array(z.json()),
});

/** What became of one unit, and who says so. */
export const answerSchema = z.object({
  run: digest,
  group: digest,
  key: digest,
  outcome: z.union([z.strictObject({ result: resultSchema }), z.strictObject({ error: failureSchema })]),
  by: z.object({ worker: name, code: name, subject: digest }),
});
/** As {@link answerSchema} reads it. */
export type Answer = z.output<typeof answerSchema>;

const weightsSchema = z.looseObject({ entry: name, from: count, models: z.record(z.string(), z.string()) });

/** What a worker has to open; where things lie on the worker's machine is the worker's own affair. */
const planSchema = z.object({
  device: z.enum(DEVICE_CHOICES),
  switches: z.looseObject({ answers: z.enum(['generated', 'teacher-forced']) }),
  subjects: z.array(
    z.looseObject({ recipe: name, overrides: z.looseObject({}), weights: weightsSchema.optional() }),
  ),
  heads: z.record(z.string(), z.looseObject({ root: z.string(), categories: z.array(z.looseObject({})) })),
  concurrency: z.number().int().positive(),
  maxPixels: z.number().int().positive().optional(),
});

/** What a coordinator tells workers about its run. */
export const runSchema = z.object({
  id: digest,
  /** Version and hash of the code that must answer. */
  code: name,
  plan: planSchema,
  /** The bundles of the plan, in its order. */
  bundles: z.array(z.object({ name, sha256 })),
  /** Hash of each subject of the plan; `null` where it cannot be run. */
  subjects: z.array(digest.nullable()),
  /** Where the coordinator gives pictures and bundles; absent where it gives none. */
  http: z.url({ protocol: /^https?$/ }).optional(),
  /** Times that a group may be left by workers that show no sign of life. */
  stalls: count,
  /** Longest time for one unit, in milliseconds. */
  unitTimeoutMs: z.number().int().positive().optional(),
});
/** As {@link runSchema} reads it. */
export type QueuedRun = z.output<typeof runSchema>;

/** What a worker says of itself while it lives. */
export const workerSchema = z.object({
  name,
  host: name,
  device: name,
  concurrency: count,
  busy: count,
  done: count,
  failed: count,
});
/** What a worker says of itself while it lives. */
export interface WorkerState extends z.output<typeof workerSchema> {
  /** Its name, one of its own. */
  readonly name: string;
  /** The machine that it runs on. */
  readonly host: string;
  /** Where its models run. */
  readonly device: string;
  /** Groups that it takes at a time. */
  readonly concurrency: number;
  /** Groups that it works on. */
  readonly busy: number;
  /** Units that got a result. */
  readonly done: number;
  /** Units that failed. */
  readonly failed: number;
}
