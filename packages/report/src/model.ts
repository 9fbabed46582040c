import type { ImageFrame, Prediction, Segment, SegmentRequest } from '@maskloom/core';
import type { TurnChanges } from './changes.js';

/** One column of a report: a recipe. */
export interface ReportColumn {
  /** `system/recipe`; unique in the report. */
  readonly id: string;
  /** One sentence about the recipe, shown when pointing at the column's head. */
  readonly summary?: string;
}

/** What stands above the table. */
export interface ReportHead {
  /** The page's title. */
  readonly title: string;
  /** The recipes, in the order of their columns. */
  readonly columns: readonly ReportColumn[];
  /** Facts shown under the title, e.g. bundle, device asked for, date: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  /** Adds a column with the ground truth of the rows that have one. */
  readonly truth: boolean;
  /** A sentence about where the truth comes from, e.g. that the scenes are generated. */
  readonly truthNote?: string;
  /** False on a page of chosen rows, whose sums say nothing: the table of totals is left out. */
  readonly totals?: boolean;
  /** Names of slots in the order of flow, for the key of the time bars; those of @maskloom/core when absent. */
  readonly slots?: readonly string[];
}

/** What is really in the image, when it is known. */
export interface ReportTruth {
  /** The right segments; none when the right answer is to refuse. */
  readonly segments: readonly Segment[];
}

/** What one recipe said about one image, or why it could not. */
export interface ReportCell {
  /** The column it belongs to. */
  readonly column: string;
  /** The result, when there is one. */
  readonly prediction?: Prediction;
  /** The failure, when there is no result. */
  readonly error?: {
    /** The error's stable code. */
    readonly code: string;
    /** What went wrong, for the reader. */
    readonly message: string;
  };
  /** For a turn of a refinement: the pixels it added and removed, shown as a picture of their own. */
  readonly changes?: TurnChanges;
}

/** One image, what was asked of it, and every recipe's answer. */
export interface ReportRow {
  /** The image as decoded; embedded once, scaled down. */
  readonly image: ImageFrame;
  /** The name shown: usually the file's name. */
  readonly name: string;
  /** What was asked. */
  readonly request: SegmentRequest;
  /** The kind of question, for generated scenes, e.g. `relation`. */
  readonly kind?: string;
  /** The recipes' results; a column without one stays empty. */
  readonly cells: readonly ReportCell[];
  /** What is really there, when known. */
  readonly truth?: ReportTruth;
}
