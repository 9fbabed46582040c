import type { Overrides } from '../ablation/ablation.js';
import type { EvalSwitches } from '../protocols/protocol.js';

/** Version of the tables' JSON form. */
export const TABLE_SCHEMA = 'maskloom.table/1';

/** Why a cell has no measured figure. */
export type CellState =
  /** It has one. */
  | 'measured'
  /** Not every image has a result: the figure is over those that have one. */
  | 'partial'
  /** The row's recipe or its weights are not there. */
  | 'no weights'
  /** The column's data are not there, or have nothing of the kind. */
  | 'no data'
  /** The recipe cannot do the column's task. */
  | 'cannot'
  /** The row is not part of Maskloom: only the paper has it. */
  | 'paper only'
  /** The figure is undefined: nothing was counted. */
  | 'undefined';

/** One cell. Figures are in percent, as papers print them, unless the column says otherwise. */
export interface TableCell {
  readonly state: CellState;
  /** As printed in the paper. */
  readonly paper: number | null;
  readonly measured: number | null;
  /** 95 % bootstrap interval over images. */
  readonly interval: readonly [number, number] | null;
  /** Images counted. */
  readonly images: number;
  /** What was counted, as the measure says: queries, classes, objects. */
  readonly n: number;
}

/** One row. */
export interface TableRow {
  readonly label: string;
  readonly recipe?: string;
  readonly overrides?: Overrides;
  /** Sees the ground truth. */
  readonly oracle: boolean;
  /** What the reader should know: missing weights and why, untrained weights, the row's note. */
  readonly remarks: readonly string[];
  /** Weights were not trained to the end: not to be compared. */
  readonly untrained: boolean;
  /** The bundle's name and version, and the hash of every model. */
  readonly weights?: { readonly bundle: string; readonly models: Readonly<Record<string, string>> };
  readonly cells: readonly TableCell[];
}

/** One column. */
export interface TableColumn {
  readonly label: string;
  /** What the measured figure is, where the label alone would mislead. */
  readonly standsFor?: string;
  /** Depends on the ground truth. */
  readonly oracle: boolean;
  /** Where it stands in a plot. */
  readonly plot?: { readonly line: string; readonly quantity: string; readonly x: number };
  /** `%` for shares, `px` for pixels. */
  readonly unit: '%' | 'px';
}

/** The difference of a row to the reference row on the images both have. */
export interface TableComparison {
  readonly row: string;
  readonly reference: string;
  readonly column: string;
  /** Row minus reference, in the column's unit. */
  readonly difference: number | null;
  readonly interval: readonly [number, number] | null;
  /** Two-sided p-value of the paired permutation test over images. */
  readonly p: number | null;
}

/** A filled table. JSON-safe, and equal to the byte for equal results. */
export interface Table {
  readonly schema: typeof TABLE_SCHEMA;
  readonly id: string;
  readonly title: string;
  /** Where the paper's figures stand; absent when none are known. */
  readonly paper?: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly comparisons: readonly TableComparison[];
  readonly notes: readonly string[];
  /** The command that makes the table. */
  readonly command: string;
  /** Data by part: source and number of images. */
  readonly data: readonly {
    readonly part: string;
    readonly source: Readonly<Record<string, string | number>>;
    readonly images: number;
  }[];
  readonly switches: EvalSwitches;
  /** Devices that ran. */
  readonly devices: readonly string[];
  /** Resamples and seed of the intervals. */
  readonly bootstrap: { readonly draws: number; readonly seed: number; readonly level: number };
}
