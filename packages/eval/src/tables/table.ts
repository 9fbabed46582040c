import type { Overrides, PlotPlace } from '../ablation/ablation.js';
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
  /** Every unit failed; the reason says why the first one did. */
  | 'failed'
  /** The run has not come to it yet. */
  | 'not computed'
  /** There are results, and nothing in them that the figure counts. */
  | 'nothing counted';

/** One cell. Figures are in percent, as papers print them, unless the column says otherwise. */
export interface TableCell {
  /** Whether there is a measured figure, and why not. */
  readonly state: CellState;
  /** Why units have no result, where some failed: code and message of the first. */
  readonly reason?: string;
  /** As printed in the paper. */
  readonly paper: number | null;
  /** Percent, or pixels in a column whose unit is `px`; `null` where the state says that there is none. */
  readonly measured: number | null;
  /** 95 % bootstrap interval over images. */
  readonly interval: readonly [number, number] | null;
  /** Images counted. */
  readonly images: number;
  /** What was counted, as the measure says: queries, classes, objects. */
  readonly n: number;
}

/** The weights of a row. */
export interface TableWeights {
  /** The bundle's name and version. */
  readonly bundle: string;
  /** The bundle's entry: the recipe's id, with `@seed2` and the like for other weights of it. */
  readonly entry: string;
  /** One short name for the files: see `weightsHash`. */
  readonly hash: string;
  /** SHA-256 of each model file, by role. */
  readonly models: Readonly<Record<string, string>>;
}

/** One row. */
export interface TableRow {
  /** The row's name as the paper prints it. */
  readonly label: string;
  /** `system/name`; absent for systems that only the paper has. */
  readonly recipe?: string;
  /** What is changed in the recipe. */
  readonly overrides?: Overrides;
  /** Sees the ground truth. */
  readonly oracle: boolean;
  /** What the reader should know: missing weights and why, untrained weights, the row's note. */
  readonly remarks: readonly string[];
  /** Weights were not trained to the end: not to be compared. */
  readonly untrained: boolean;
  /** What it ran with; absent where there are no weights. */
  readonly weights?: TableWeights;
  /** One per column, in their order. */
  readonly cells: readonly TableCell[];
}

/** One column. */
export interface TableColumn {
  /** The column's head as the paper prints it. */
  readonly label: string;
  /** What the measured figure is, where the label alone would mislead. */
  readonly standsFor?: string;
  /** Depends on the ground truth. */
  readonly oracle: boolean;
  /** Where it stands in a plot. */
  readonly plot?: PlotPlace;
  /** `%` for shares, `px` for pixels. */
  readonly unit: '%' | 'px';
}

/** The difference of a row to the reference row on the images both have. */
export interface TableComparison {
  /** Label of the row that is compared. */
  readonly row: string;
  /** Label of the row that it is compared with. */
  readonly reference: string;
  /** Label of the column. */
  readonly column: string;
  /** Row minus reference, in the column's unit. */
  readonly difference: number | null;
  /** 95 % bootstrap interval of the difference, in the column's unit; `null` where no draw had a value. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided p-value of the paired permutation test over images. */
  readonly p: number | null;
}

/** One set of scenes that a table's figures are counted on. */
export interface TablePart {
  /** Name of the part. */
  readonly part: string;
  /** What was read, e.g. a format, a split, a seed. */
  readonly source: Readonly<Record<string, string | number>>;
  /** Scenes in it. */
  readonly images: number;
  /** Records that could not be read and were left out; absent when there are none. */
  readonly skipped?: number;
}

/** How a table's bootstrap intervals were drawn. */
export interface TableBootstrap {
  /** Resamples of the images. */
  readonly draws: number;
  /** Seed of the resamples. */
  readonly seed: number;
  /** Coverage, 0..1. */
  readonly level: number;
}

/** A filled table. JSON-safe, and equal to the byte for equal results. */
export interface Table {
  /** Name and version of the JSON form. */
  readonly schema: typeof TABLE_SCHEMA;
  /** `paper/table`, e.g. `read/table-6`. */
  readonly id: string;
  /** One line. */
  readonly title: string;
  /** Where the paper's figures stand; absent when none are known. */
  readonly paper?: string;
  /** From left to right. */
  readonly columns: readonly TableColumn[];
  /** From top to bottom. */
  readonly rows: readonly TableRow[];
  /** Rows against a reference row, column by column; none where fewer than two rows can be compared. */
  readonly comparisons: readonly TableComparison[];
  /** What the reader of the table should know, a sentence or two each. */
  readonly notes: readonly string[];
  /** The command that makes the table. */
  readonly command: string;
  /** Data by part: source and number of images. */
  readonly data: readonly TablePart[];
  /** How figures were counted. */
  readonly switches: EvalSwitches;
  /** Devices that ran. */
  readonly devices: readonly string[];
  /** How the intervals were drawn. */
  readonly bootstrap: TableBootstrap;
}
