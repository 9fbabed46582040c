import { outcomeOf } from '@maskloom/core';
import type { Overlap } from './agreement.js';
import type { ReportCell, ReportTruth } from './model.js';

/** What the summary says about one column. */
export interface ColumnTotals {
  /** Images with a result. */
  images: number;
  /** Images that failed. */
  errors: number;
  /** Results whose answer asks for no mask. */
  refusals: number;
  /** Results that were no refusal and have no pixel. */
  empties: number;
  /** Sum of all stages' time over all images, milliseconds. */
  ms: number;
  /** Rows with a non-empty truth that count for cIoU. */
  scored: number;
  /** Summed over those rows. */
  intersection: number;
  /** Summed over those rows. */
  union: number;
  /** Rows whose right answer is to refuse. */
  falsePremises: number;
  /** Of those, rightly without a mask: refused, or empty. */
  refusedRightly: number;
}

/** Totals of a column that has seen nothing. */
export function emptyTotals(): ColumnTotals {
  return {
    images: 0,
    errors: 0,
    refusals: 0,
    empties: 0,
    ms: 0,
    scored: 0,
    intersection: 0,
    union: 0,
    falsePremises: 0,
    refusedRightly: 0,
  };
}

/** Time of one cell's stages, milliseconds. */
export function cellMs(cell: ReportCell): number {
  return cell.prediction?.stages.reduce((sum, stage) => sum + stage.ms, 0) ?? 0;
}

/** Counts one cell into its column. */
export function countCell(
  totals: ColumnTotals,
  cell: ReportCell,
  truth: ReportTruth | undefined,
  agreed: Overlap | undefined,
): void {
  if (cell.prediction === undefined) {
    totals.errors++;
    return;
  }
  const outcome = outcomeOf(cell.prediction);
  totals.images++;
  totals.ms += cellMs(cell);
  if (outcome === 'refused') totals.refusals++;
  if (outcome === 'empty') totals.empties++;
  if (truth === undefined) return;
  if (truth.segments.length === 0) {
    totals.falsePremises++;
    if (outcome !== 'segmented') totals.refusedRightly++;
  } else if (agreed !== undefined) {
    totals.scored++;
    totals.intersection += agreed.intersection;
    totals.union += agreed.union;
  }
}

/** Summed intersection over summed union (cIoU), 0..1, or undefined when no row counts. */
export function cumulativeIou(totals: ColumnTotals): number | undefined {
  return totals.scored === 0 ? undefined : totals.union === 0 ? 1 : totals.intersection / totals.union;
}
