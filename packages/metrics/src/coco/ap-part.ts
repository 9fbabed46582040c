import { z } from 'zod';
import { AREAS, OUTCOME_BITS } from './settings.js';

/** One category in one image. */
export interface CategoryPart {
  /** Index of the category. */
  readonly category: number;
  /** Truths that count, per size class of COCO: all, small, medium, large. */
  readonly truths: readonly number[];
  /** Scores of the detections, falling. */
  readonly scores: readonly number[];
  /** Row-major [detections, 4 size classes]: bit t, matched at the t-th IoU threshold; bit 10 + t, not counted at it. */
  readonly outcomes: readonly number[];
}

/** What average precision needs to know about one image: the categories that occur in it. */
export interface ApPart {
  /** By rising index. */
  readonly categories: readonly CategoryPart[];
  /** Detections and those of them that have a category, where names are free. */
  readonly mapped?: readonly [number, number] | undefined;
}

const whole = z.number().int().min(0);

/** Checks stored parts. */
export const apPart = z.object({
  categories: z.array(
    z
      .object({
        category: whole,
        truths: z.array(whole).length(AREAS.length),
        scores: z.array(z.number()),
        outcomes: z.array(whole.max(2 ** (2 * OUTCOME_BITS) - 1)),
      })
      .refine(({ scores, outcomes }) => outcomes.length === AREAS.length * scores.length, {
        message: 'scores and outcomes do not match',
      }),
  ),
  mapped: z.tuple([whole, whole]).optional(),
}) as z.ZodType<ApPart>;
