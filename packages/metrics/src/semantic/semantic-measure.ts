import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { defineMeasure } from '../measure/define-measure.js';
import type { Estimator } from '../measure/estimator.js';
import type { Measure } from '../measure/measure.js';
import { countConfusion, type ConfusionPart } from './confusion.js';
import { paintClasses, type ClassMap, type PaintedClasses } from './label-map.js';

/** How pixels are scored. */
export interface SemanticOptions {
  /** Class names, in the order of the truth's values. */
  readonly classes: readonly string[];
  /** Value of the truth that does not count; 255 when absent, `null` for none. */
  readonly ignoreIndex?: number | null;
  /** ADE20K's index pictures: 0 and 255 are ignored, other true values lowered by one (predictions are not). Off by default. */
  readonly reduceZeroLabel?: boolean;
  /**
   * Which classes the means are over: those in the truth or in the predictions (MMSegmentation's `nanmean`; the default),
   * or those in the truth (Detectron2's evaluator, which CAT-Seg reports).
   */
  readonly scoredClasses?: 'truth-or-prediction' | 'truth';
}

/** One image. */
export interface SemanticInput {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Row-major values of the index picture. */
  readonly truth: ClassMap;
  /** Row-major class indices, anything outside of 0..C-1 is "no class"; or masks. */
  readonly prediction: ClassMap | PaintedClasses;
}

const SUMMARY = ['mIoU', 'fwIoU', 'pixel accuracy', 'mean accuracy', 'UmI'] as const;

/**
 * Semantic segmentation: `mIoU`; `fwIoU`, class IoUs weighted by the classes' share of true pixels; `pixel accuracy`;
 * `mean accuracy` of classes; `UmI` (ROSE, eq. 7: union minus intersection, in pixels per image, summed over classes);
 * then `IoU <class>`, `accuracy <class>` (the class's recall) and `UmI <class>`. A pixel predicted as no class counts as
 * missed. `n` is the number of scored classes for means, true pixels for the rest.
 *
 * Counting throws `VALUE_INVALID` when sizes differ or a true value is neither a class nor ignored, `MASK_INVALID` when a
 * mask is malformed.
 */
export function semanticMeasure(options: SemanticOptions): Measure<SemanticInput, ConfusionPart> {
  const { classes, ignoreIndex = 255, reduceZeroLabel = false } = options;
  const scoredClasses = options.scoredClasses ?? 'truth-or-prediction';
  if (classes.length === 0 || new Set(classes).size < classes.length) {
    throw new MaskloomError('VALUE_INVALID', `${classes.length} class names, or some twice.`, {
      where: 'classes',
      hint: 'Give every class a name of its own.',
    });
  }
  const rules = { classes: classes.length, ignoreIndex, reduceZeroLabel };
  const part = z
    .array(z.number().int().min(0))
    .refine(
      (flat) =>
        flat.length % 3 === 0 && flat.every((value, i) => i % 3 === 2 || value < classes.length + (i % 3)),
      'not triples of truth, prediction, pixels',
    );
  return defineMeasure({
    name: 'semantic',
    switches: { ...rules, scoredClasses },
    part: part as z.ZodType<ConfusionPart>,
    count: ({ width, height, truth, prediction }) => {
      const predicted = 'segments' in prediction ? paintClasses(prediction, width, height) : prediction;
      if (truth.length !== width * height) {
        throw new MaskloomError('VALUE_INVALID', `${truth.length} true pixels for ${width} x ${height}.`, {
          where: 'truth',
        });
      }
      return countConfusion(truth, predicted, rules);
    },
    prepare: (parts, only) => semanticEstimator(parts, classes, scoredClasses === 'truth', only),
    headline: (figure) => (SUMMARY as readonly string[]).includes(figure),
  });
}

/** What the images have of each class, in one piece of memory. */
interface ClassAreas {
  /** Where each class's rows begin, and where the last one's end. */
  readonly starts: Int32Array;
  /** The image of each row. */
  readonly images: Int32Array;
  /** Pixels of each row: intersection, truth, prediction. */
  readonly areas: Float64Array;
}

function classAreas(parts: readonly ConfusionPart[], classes: number): ClassAreas {
  // The place of each image's row of each class, first only counted: at most one per image and class.
  const lastImage = new Int32Array(classes).fill(-1);
  const starts = new Int32Array(classes + 1);
  eachCount(parts, classes, (image, index) => {
    if (lastImage[index] !== image) starts[index + 1]!++;
    lastImage[index] = image;
  });
  for (let c = 0; c < classes; c++) starts[c + 1]! += starts[c]!;
  const images = new Int32Array(starts[classes]!);
  const areas = new Float64Array(3 * images.length);
  const next = starts.slice(0, classes);
  lastImage.fill(-1);
  eachCount(parts, classes, (image, index, kind, pixels) => {
    if (lastImage[index] !== image) images[next[index]!++] = image;
    lastImage[index] = image;
    areas[3 * (next[index]! - 1) + kind]! += pixels;
  });
  return { starts, images, areas };
}

/** Goes through what each image has of each class: intersection (kind 0), truth (1) and prediction (2), in pieces. */
function eachCount(
  parts: readonly ConfusionPart[],
  classes: number,
  visit: (image: number, index: number, kind: 0 | 1 | 2, pixels: number) => void,
): void {
  parts.forEach((part, image) => {
    for (let i = 0; i + 2 < part.length; i += 3) {
      const [truth, prediction, pixels] = [part[i]!, part[i + 1]!, part[i + 2]!];
      visit(image, truth, 1, pixels);
      if (prediction < classes) visit(image, prediction, 2, pixels);
      if (prediction === truth) visit(image, truth, 0, pixels);
    }
  });
}

/** Adds up what the images have, each as often as it counts, into [intersection, truth, prediction] of every class. */
function sumAreas({ starts, images, areas }: ClassAreas, weights: Float64Array, sums: Float64Array): void {
  for (let c = 0, row = 0; c + 1 < starts.length; c++) {
    let [both, truth, prediction] = [0, 0, 0];
    for (const end = starts[c + 1]!; row < end; row++) {
      const weight = weights[images[row]!]!;
      both += weight * areas[3 * row]!;
      truth += weight * areas[3 * row + 1]!;
      prediction += weight * areas[3 * row + 2]!;
    }
    sums[3 * c] = both;
    sums[3 * c + 1] = truth;
    sums[3 * c + 2] = prediction;
  }
}

function semanticEstimator(
  parts: readonly ConfusionPart[],
  classes: readonly string[],
  truthOnly: boolean,
  only: readonly string[] | undefined,
): Estimator {
  const all = [
    ...SUMMARY,
    ...['IoU', 'accuracy', 'UmI'].flatMap((figure) => classes.map((name) => `${figure} ${name}`)),
  ];
  const wanted = only && new Set(only);
  const picked = all.flatMap((name, i) => (wanted === undefined || wanted.has(name) ? [i] : []));
  const areas = classAreas(parts, classes.length);
  const sums = new Float64Array(3 * classes.length);
  const once = new Float64Array(parts.length).fill(1);
  const evaluate = (weights: Float64Array = once) => {
    sumAreas(areas, weights, sums);
    let images = 0;
    for (let i = 0; i < weights.length; i++) images += weights[i]!;
    return figuresOf(sums, images, truthOnly);
  };
  const whole = evaluate();
  const means = [0, 1, 3];
  const values = new Float64Array(picked.length);
  return {
    names: picked.map((i) => all[i] as string),
    counts: picked.map((i) => (means.includes(i) ? whole.scored : whole.pixels)),
    estimate: (weights) => {
      const evaluated = evaluate(weights);
      for (let k = 0; k < values.length; k++) values[k] = evaluated.values[picked[k]!]!;
      return values;
    },
  };
}

/** All figures in the order of their names. @param sums - [intersection, truth, prediction] of every class */
function figuresOf(
  sums: Float64Array,
  images: number,
  truthOnly: boolean,
): { values: Float64Array; scored: number; pixels: number } {
  const classes = sums.length / 3;
  const head = SUMMARY.length;
  const values = new Float64Array(head + 3 * classes);
  let pixels = 0;
  let right = 0;
  let iouSum = 0;
  let scored = 0;
  let accuracySum = 0;
  let inTruth = 0;
  let weighted = 0;
  let wrong = 0;
  for (let c = 0; c < classes; c++) {
    const [both, truth] = [sums[3 * c]!, sums[3 * c + 1]!];
    const union = truth + sums[3 * c + 2]! - both;
    const counts = truthOnly ? truth > 0 : union > 0;
    values[head + c] = counts ? both / union : NaN;
    values[head + classes + c] = truth > 0 ? both / truth : NaN;
    values[head + 2 * classes + c] = images > 0 ? (union - both) / images : NaN;
    pixels += truth;
    right += both;
    wrong += union - both;
    if (counts) {
      scored++;
      iouSum += both / union;
      weighted += (truth * both) / union;
    }
    if (truth > 0) {
      inTruth++;
      accuracySum += both / truth;
    }
  }
  values[0] = iouSum / scored;
  values[1] = weighted / pixels;
  values[2] = right / pixels;
  values[3] = accuracySum / inTruth;
  values[4] = images > 0 ? wrong / images : NaN;
  return { values, scored, pixels };
}
