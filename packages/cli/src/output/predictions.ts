import { DEVICE_CHOICES, SLOTS, type ImageFrame, type Prediction, type SlotName } from '@maskloom/core';
import { z } from 'zod';

/** Version of the predictions format. */
export const PREDICTIONS_SCHEMA = 'maskloom.predictions/1';

const slots = SLOTS.map((slot) => slot.name) as [SlotName, ...SlotName[]];

const segmentSchema = z.strictObject({
  /** Its name, or the phrase it answers. */
  label: z.string(),
  /** Confidence 0..1. */
  score: z.number(),
  /** x, y, width, height in image pixels. */
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** Pixels set. */
  area: z.int().nonnegative(),
  /** COCO compressed RLE: size is [height, width]. */
  segmentation: z.strictObject({ size: z.tuple([z.int(), z.int()]), counts: z.string() }),
});

const runSchema = z.strictObject({
  image: z.strictObject({ path: z.string(), width: z.int(), height: z.int(), sha256: z.string() }),
  system: z.string(),
  recipe: z.string(),
  bundle: z.string(),
  task: z.enum(['referring', 'reasoning', 'free', 'semantic', 'instance', 'prompted']),
  text: z.string(),
  answer: z.string(),
  segments: z.array(segmentSchema),
  stages: z.array(
    z.strictObject({
      slot: z.enum(slots),
      stage: z.string(),
      ms: z.number().nonnegative(),
      device: z.enum(['js', ...DEVICE_CHOICES]),
    }),
  ),
  warnings: z.array(z.string()),
});

/** `predictions.json` as a zod schema: what `compare` writes and `--json` prints. */
export const predictionsSchema = z.strictObject({
  schema: z.literal(PREDICTIONS_SCHEMA),
  runs: z.array(runSchema),
});

/** The content of a `predictions.json`. */
export type Predictions = z.output<typeof predictionsSchema>;
/** One recipe's result for one image, as written. */
export type PredictionRun = Predictions['runs'][number];

/**
 * A result in the form it is written.
 * @param path - the image's path as given
 * @param bundle - the bundle's name
 * @param notes - what the reader should know of every result: a device that was passed over
 */
export function toRun(
  image: ImageFrame,
  path: string,
  bundle: string,
  prediction: Prediction,
  notes: readonly string[] = [],
): PredictionRun {
  return {
    image: { path, width: image.width, height: image.height, sha256: image.sha256 },
    system: prediction.system,
    recipe: prediction.recipe,
    bundle,
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
    stages: prediction.stages.map((stage) => ({
      slot: stage.slot,
      stage: stage.stage,
      ms: round(stage.ms, 3),
      device: stage.device as PredictionRun['stages'][number]['device'],
    })),
    warnings: [...notes, ...prediction.warnings],
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
