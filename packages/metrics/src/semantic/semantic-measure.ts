import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { defineMeasure } from '../measure/define-measure.js';
import type { Measure } from '../measure/measure.js';
import { countConfusion, type ConfusionPart } from './confusion.js';
import { paintClasses, type ClassMap, type PaintedClasses } from './label-map.js';
import { SEMANTIC_FIGURES, semanticEstimator } from './semantic-estimator.js';

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
    headline: (figure) => SEMANTIC_FIGURES.includes(figure),
  });
}
