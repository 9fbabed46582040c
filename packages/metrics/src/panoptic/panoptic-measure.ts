import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { defineMeasure } from '../measure/define-measure.js';
import type { Measure } from '../measure/measure.js';
import { countPanoptic, type PanopticInput, type PanopticPart } from './count-panoptic.js';
import { panopticEstimator, PANOPTIC_FIGURES } from './panoptic-estimator.js';

/** A category of a panoptic data set. */
export interface PanopticCategory {
  /** Of the data set. */
  readonly id: number;
  /** Shown in figures. */
  readonly name: string;
  /** Countable object, or stuff. */
  readonly isThing: boolean;
}

const whole = z.number().int().min(0);
const part = z.array(z.tuple([whole, whole, whole, whole, z.number()])) as z.ZodType<PanopticPart>;

/**
 * Panoptic quality (Kirillov et al. 2019, eq. 1), counted as COCO's panoptic API does: a pair of one category with an IoU
 * over 0.5 is a match; pixels that no true segment claims count for neither side; predictions that lie for more than half
 * in unclaimed pixels or in a crowd of their category are no mistakes. Figures `PQ`, `SQ`, `RQ`, the same for `things` and
 * `stuff`, then `PQ <class>`; means are over the categories that occur. `n` counts the true segments.
 * @throws MaskloomError `VALUE_INVALID` when category ids or names repeat
 */
export function panopticMeasure({
  categories,
}: {
  readonly categories: readonly PanopticCategory[];
}): Measure<PanopticInput, PanopticPart> {
  const indexOf = new Map(categories.map(({ id }, i) => [id, i]));
  const names = new Set(categories.map(({ name }) => name));
  if (categories.length === 0 || indexOf.size < categories.length || names.size < categories.length) {
    throw new MaskloomError('VALUE_INVALID', 'No categories, or some twice.', {
      where: 'categories',
      hint: 'Give every category an id and a name of its own.',
    });
  }
  return defineMeasure({
    name: 'panoptic',
    switches: {
      categories: categories.length,
      things: categories.filter(({ isThing }) => isThing).length,
    },
    part,
    count: (input) => countPanoptic(input, indexOf),
    prepare: (parts, only) => panopticEstimator(parts, categories, only),
    headline: (figure) => PANOPTIC_FIGURES.includes(figure),
  });
}
