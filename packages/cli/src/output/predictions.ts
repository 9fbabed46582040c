import {
  DEVICE_CHOICES,
  outcomeOf,
  MaskloomError,
  type ImageFrame,
  type Prediction,
  type PredictionOutcome,
  type Task,
} from '@maskloom/core';
import { z } from 'zod';
import type { CompareFailure } from './compare-failure.js';
import { given } from '../given.js';

/** Version of the predictions format that is written; files of version 1, which had results only, are read too. */
export const PREDICTIONS_SCHEMA = 'maskloom.predictions/2';

/** One segment, as written. */
export interface PredictedSegment {
  /** Its name, or the phrase it answers. */
  label: string;
  /** Confidence 0..1. */
  score: number;
  /** x, y, width, height in image pixels. */
  bbox: [number, number, number, number];
  /** Pixels set. */
  area: number;
  /** COCO compressed RLE: `size` is [height, width], runs are column-major. */
  segmentation: {
    /** Height and width in pixels. */
    size: [number, number];
    /** The compressed runs. */
    counts: string;
  };
}

/** One stage's part of a run, as written. */
export interface PredictedStage {
  /** The slot it fills, of whatever package. */
  slot: string;
  /** Its name, e.g. `read/similarity-as-points`. */
  stage: string;
  /** Wall time in milliseconds. */
  ms: number;
  /** The device that really ran, or `js`. */
  device: string;
}

/** One recipe's result for one image, as written. */
export interface PredictionRun {
  /** The image: path as given, size as seen (orientation applied), SHA-256 of the file. */
  image: {
    /** As given on the command line, or found in a folder. */
    path: string;
    /** Pixels. */
    width: number;
    /** Pixels. */
    height: number;
    /** Hexadecimal. */
    sha256: string;
  };
  /** The system's name. */
  system: string;
  /** The recipe's name within the system. */
  recipe: string;
  /** The bundle's name. */
  bundle: string;
  /** The bundle's version. Absent in files of older versions. */
  bundleVersion?: string | undefined;
  /** First 12 digits of a SHA-256 over the recipe's model files: equal weights, equal digits. Absent in files of older versions. */
  weights?: string | undefined;
  /** What was asked for. */
  task: Task;
  /** The phrase or question; '' for tasks without one. */
  text: string;
  /** What the language model wrote; '' where there is none. */
  answer: string;
  /** What was found; none when the system refused or its masks are empty. */
  segments: PredictedSegment[];
  /**
   * `segmented`: a mask with at least one pixel; `refused`: the answer asks for no mask; `empty`: masks were asked for,
   * or the system cannot refuse, and no pixel is set. Absent in files of older versions.
   */
  outcome?: PredictionOutcome | undefined;
  /** The stages in the order of their first calls. */
  stages: PredictedStage[];
  /** What the reader should know. */
  warnings: string[];
}

/** An image, or a recipe on an image, without a result, as written. */
export interface PredictionFailure {
  /** The image, as given. */
  path: string;
  /** `system/recipe`; absent when the image itself could not be read or asked about. */
  recipe?: string | undefined;
  /** The error's stable code. */
  code: string;
  /** What went wrong, for the reader. */
  message: string;
}

/** A file, or a record of a data set, that was passed over. */
export interface SkippedInput {
  /** The file, or where the record is. */
  path: string;
  /** Why. */
  reason: string;
}

/** The content of a `predictions.json`. */
export interface Predictions {
  /** Version of the format. */
  schema: typeof PREDICTIONS_SCHEMA;
  /** Image by image, recipe by recipe. */
  runs: PredictionRun[];
  /** What has no result, in the order of the images. */
  failures: PredictionFailure[];
  /** Files of the folders named that are no images, and records of a data set that could not be read. */
  skipped: SkippedInput[];
}

const segmentSchema = z.strictObject({
  label: z.string(),
  score: z.number(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  area: z.int().nonnegative(),
  segmentation: z.strictObject({ size: z.tuple([z.int(), z.int()]), counts: z.string() }),
});

const runSchema = z.strictObject({
  image: z.strictObject({ path: z.string(), width: z.int(), height: z.int(), sha256: z.string() }),
  system: z.string(),
  recipe: z.string(),
  bundle: z.string(),
  bundleVersion: z.string().optional(),
  weights: z.string().optional(),
  task: z.enum(['referring', 'reasoning', 'free', 'semantic', 'instance', 'prompted']),
  text: z.string(),
  answer: z.string(),
  segments: z.array(segmentSchema),
  outcome: z.enum(['segmented', 'empty', 'refused']).optional(),
  stages: z.array(
    z.strictObject({
      slot: z.string().min(1),
      stage: z.string(),
      ms: z.number().nonnegative(),
      device: z.enum(['js', ...DEVICE_CHOICES]),
    }),
  ),
  warnings: z.array(z.string()),
});

const failureSchema = z.strictObject({
  path: z.string(),
  recipe: z.string().optional(),
  code: z.string(),
  message: z.string(),
});
const version2 = z.strictObject({
  schema: z.literal(PREDICTIONS_SCHEMA),
  runs: z.array(runSchema),
  failures: z.array(failureSchema),
  skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
});
const version1 = z
  .strictObject({ schema: z.literal('maskloom.predictions/1'), runs: z.array(runSchema) })
  .transform(({ runs }): Predictions => ({ schema: PREDICTIONS_SCHEMA, runs, failures: [], skipped: [] }));

/**
 * `predictions.json` as a zod schema: what `compare` writes and `--json` prints. Unknown fields are refused. A file of version
 * 1 comes out as one of this version.
 */
export const predictionsSchema: z.ZodType<Predictions> = z.discriminatedUnion('schema', [version2, version1]);

/**
 * A result in the form it is written.
 * @param path - the image's path as given
 * @param weights - the bundle's name, and its version and the weights' digits where they are known
 * @param notes - what the reader should know of every result: a device that was passed over
 */
export function toRun(
  image: ImageFrame,
  path: string,
  { bundle, version, hash }: { readonly bundle: string; readonly version?: string; readonly hash?: string },
  prediction: Prediction,
  notes: readonly string[] = [],
): PredictionRun {
  return {
    image: { path, width: image.width, height: image.height, sha256: image.sha256 },
    system: prediction.system,
    recipe: prediction.recipe,
    bundle,
    ...given({ bundleVersion: version, weights: hash }),
    task: prediction.request.task,
    text: prediction.request.text ?? '',
    answer: prediction.answer,
    segments: prediction.segments.map((segment) => ({
      label: segment.label,
      score: round(segment.score, 6),
      bbox: [...segment.bbox],
      area: segment.area,
      segmentation: { size: [...segment.mask.size], counts: segment.mask.counts },
    })),
    outcome: outcomeOf(prediction),
    stages: prediction.stages.map((stage) => ({
      slot: stage.slot,
      stage: stage.stage,
      ms: round(stage.ms, 3),
      device: stage.device,
    })),
    warnings: [...notes, ...prediction.warnings],
  };
}

/** A failure in the form it is written. */
export function toFailure(failure: {
  readonly path: string;
  readonly recipe?: string | undefined;
  readonly error: MaskloomError;
}): PredictionFailure {
  const { path, recipe, error } = failure;
  return { path, ...(recipe === undefined ? {} : { recipe }), code: error.code, message: error.message };
}

/** A failure as it was before it was written. */
export function fromFailure({ path, recipe, code, message }: PredictionFailure): CompareFailure {
  const error = new MaskloomError(code as MaskloomError['code'], message);
  return { path, ...(recipe === undefined ? {} : { recipe }), error };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
