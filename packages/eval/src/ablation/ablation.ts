import type { Json } from '../ledger/line.js';

/** Figures as a paper prints them, by row and column. */
export interface PaperTable {
  /** The paper, and where in it. */
  readonly source: string;
  /** Column heads as printed. */
  readonly columns: readonly string[];
  /** Figures by row label, in the order of the columns; `null` where the paper prints a dash. */
  readonly rows: Readonly<Record<string, readonly (number | null)[]>>;
  /** What the reader of the figures should know. */
  readonly note?: string;
}

/** Options of a slot's stage that differ from the recipe's, or another stage altogether. */
export interface SlotOverride {
  /** Another stage, by name; the recipe's own when absent. */
  readonly stage?: string;
  /** Options over those of the recipe's stage (or over the defaults of another stage). */
  readonly options?: Readonly<Record<string, Json>>;
}

/** Refinement of a recipe's predictions. */
export interface RefineOverride {
  /** The refining recipe, e.g. `refine/concat`. */
  readonly by: string;
  /** What is refined: chosen by the ground truth, as in the paper's script (an oracle), or by the model's own scores. */
  readonly chosenBy: 'oracle' | 'own scores';
  /** Changes to the refining recipe's stages, by slot, e.g. `{ Refiner: { options: { maskPrompt: false } } }`. */
  readonly stages?: Readonly<Record<string, SlotOverride>>;
}

/** What maps names that a recipe writes to the classes of a data set. */
export interface MapperOverride {
  /** A stage for the slot `LabelMapper`, by name, e.g. `rose/siglip-similarity`. */
  readonly stage: string;
  /** Its options. */
  readonly options?: Readonly<Record<string, Json>>;
}

/** How a recipe is changed for a row or a column. JSON-safe: it is part of the key of stored results. */
export interface Overrides {
  /** By slot. */
  readonly stages?: Readonly<Record<string, SlotOverride>>;
  /** Take the weights of another entry of the bundle. */
  readonly weights?: string;
  /** Refine its predictions by conversation. */
  readonly refine?: RefineOverride;
  /** Count names that it writes for the classes that this says; for those that are called exactly so when absent. */
  readonly mapper?: MapperOverride;
}

/** One row: a recipe, or a line that only the paper has. */
export interface AblationRow {
  /** As shown; with `standsFor` behind it where there is one. */
  readonly label: string;
  /**
   * The published system in whose place the row stands, as the paper prints it. Its printed figures are shown beside; the
   * label says who it really is.
   */
  readonly standsFor?: string;
  /** `system/name`; absent for systems that are not part of Maskloom, whose printed figures stand alone. */
  readonly recipe?: string;
  /** What is changed in the recipe. */
  readonly overrides?: Overrides;
  /** The paper's row; `standsFor` or the label when absent, `null` when the paper has none. */
  readonly paper?: string | null;
  /** The row sees the ground truth: shown as such everywhere. */
  readonly oracle?: boolean;
  /** Its figures are gains over the same row without refinement. */
  readonly gain?: boolean;
  /** Left out of the table where there are no weights: a row that no paper has, such as another seed. */
  readonly optional?: boolean;
  /** What the reader of the row should know. */
  readonly note?: string;
}

/** Where a column's figure comes from. */
export interface FigureSource {
  /** Name of one of the ablation's parts of data. */
  readonly part: string;
  /** What is asked: the name of a protocol. */
  readonly protocol: string;
  /** The figure of the protocol's measures, e.g. `cIoU all`. */
  readonly figure: string;
  /**
   * Whose answers are scored: `another image` scores each image's truth with the answers to the next image of its size (after
   * the last one the first), a control that no system which looks at its image passes. The image's own when absent. Only for
   * protocols that can count kept answers again.
   */
  readonly answeredBy?: 'another image';
}

/** Where a figure stands in a plot against a quantity. */
export interface PlotPlace {
  /** Name of its line; figures of one line are joined by rising `x`. */
  readonly line: string;
  /** What is plotted from left to right, with its unit where it has one. */
  readonly quantity: string;
  /** The quantity's value for this figure. */
  readonly x: number;
}

/** One column: a figure, in the units that the paper prints. */
export interface AblationColumn {
  /** As shown; also the paper's column unless `paper` says otherwise. */
  readonly label: string;
  /** The paper's column; `null` when it has none. */
  readonly paper?: string | null;
  /** On the synthetic world; absent where it has no counterpart. */
  readonly synthetic?: FigureSource;
  /** What the synthetic figure is, where the label alone would mislead. */
  readonly standsFor?: string;
  /** On the real data set. */
  readonly real?: FigureSource;
  /** What is changed in every row's recipe for this column. */
  readonly overrides?: Overrides;
  /** Added to the name of the weights, in rows that name weights. */
  readonly weightsSuffix?: string;
  /** Where the figure stands in a plot against a quantity. */
  readonly plot?: PlotPlace;
  /** The figure depends on the ground truth: shown as such everywhere. */
  readonly oracle?: boolean;
}

/** A part of the synthetic world. */
export interface SyntheticPart {
  /** Seed of the first scene. */
  readonly seed: number;
  /** Scenes when the command does not say. */
  readonly count: number;
}

/** A part of a real data set. */
export interface RealPart {
  /** Name of a format, as `openDataset` takes it. */
  readonly format: string;
  /** The split, as the format names it. */
  readonly split: string;
  /** Folder below the one given to `--data`, tried before that folder itself. */
  readonly folder: string;
}

/** The data of an ablation, by name of the part; columns name the parts. */
export interface AblationData {
  /** Parts of the synthetic world. */
  readonly synthetic: Readonly<Record<string, SyntheticPart>>;
  /** Parts of real data sets. */
  readonly real: Readonly<Record<string, RealPart>>;
}

/** An ablation table as a value: what is run, on what, which figures are shown, and what the paper printed. */
export interface Ablation {
  /** `paper/table`, e.g. `read/table-6`. */
  readonly id: string;
  /** One line. */
  readonly title: string;
  /** The data by name of the part. */
  readonly data: AblationData;
  /** In the order of the paper. */
  readonly rows: readonly AblationRow[];
  /** From left to right as the paper prints them. */
  readonly columns: readonly AblationColumn[];
  /** The printed figures; absent when none are known. */
  readonly paper?: PaperTable;
  /** What the reader of the table should know. */
  readonly notes?: readonly string[];
}
