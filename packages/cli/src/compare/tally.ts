import { recipeId, type AnyRecipe, type ImageFrame, type Outcome } from '@maskloom/core';
import {
  countCell,
  cumulativeIou,
  emptyTotals,
  overlapFor,
  type ColumnTotals,
  type ReportTruth,
} from '@maskloom/report';
import type { RecipeTotals } from './options.js';

/** Counts results per recipe as they come. */
export interface Tally {
  /** Counts one result. */
  count(outcome: Outcome, image: ImageFrame, truth: ReportTruth | undefined): void;
  /** The counts so far, in the order of the recipes. */
  totals(): readonly RecipeTotals[];
}

/**
 * A tally over these recipes.
 * @param from - counts to go on from, by recipe
 */
export function createTally(
  recipes: readonly AnyRecipe[],
  from: Readonly<Record<string, Readonly<ColumnTotals>>> = {},
): Tally {
  const columns = new Map(
    recipes.map((recipe) => [recipeId(recipe), { ...emptyTotals(), ...from[recipeId(recipe)] }]),
  );
  return {
    count(outcome, image, truth) {
      const column = columns.get(outcome.pipeline);
      if (column === undefined) return;
      const cell = { column: outcome.pipeline, ...(outcome.ok && { prediction: outcome.prediction }) };
      const agreed =
        outcome.ok && truth !== undefined && truth.segments.length > 0
          ? overlapFor(outcome.prediction.request.task, outcome.prediction.segments, truth.segments, [
              image.height,
              image.width,
            ])
          : undefined;
      countCell(column, cell, truth, agreed);
    },
    totals() {
      return [...columns].map(([recipe, column]) => {
        const iou = cumulativeIou(column);
        return {
          recipe,
          images: column.images,
          refusals: column.refusals,
          empties: column.empties,
          meanMs: column.images === 0 ? 0 : column.ms / column.images,
          ...(iou === undefined ? {} : { cumulativeIou: iou }),
        };
      });
    },
  };
}
