import type { Interval } from '../intervals.js';

/** What JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Everything that can change a figure, by name. Belongs to the key of stored results and beside every table. */
export type Switches = Readonly<Record<string, JsonValue>>;

/** A figure with its uncertainty. */
export interface MeasuredFigure {
  /** A share in 0..1 unless the measure says otherwise; `null` where it is undefined (no small object, say). */
  readonly value: number | null;
  /** Percentile bootstrap interval over images; `null` where none was asked for or no draw had a value. */
  readonly interval: Interval | null;
  /** What was counted: queries, truths, classes or pixels, as the measure says. */
  readonly n: number;
}

/** The figures of one system on one set of images. */
export interface MeasureResult {
  /** Name of the measure. */
  readonly measure: string;
  /** How it counted. */
  readonly switches: Switches;
  /** Images counted. */
  readonly images: number;
  /** By name, in an order that depends on nothing but the names. */
  readonly figures: Readonly<Record<string, MeasuredFigure>>;
}

/** How intervals are drawn. */
export interface ResultOptions {
  /** Whether to draw intervals; they are drawn when absent. */
  readonly intervals?: boolean;
  /** Figures that get one; the measure's headline figures when absent. */
  readonly only?: readonly string[];
  /** Resamples; 1000 when absent. */
  readonly draws?: number;
  /** Seed of the draws; 20 when absent. */
  readonly seed?: number;
  /** Coverage; 0.95 when absent. */
  readonly level?: number;
}

/** A figure on one image alone. */
export interface ImageFigure {
  /** The image's id, as text. */
  readonly image: string;
  /** In the unit of the figure; `null` where it is undefined on this image. */
  readonly value: number | null;
}

/** What an accumulator holds, as JSON. Equal contents give equal bytes. */
export interface AccumulatorState<Part> {
  /** Name of the measure. */
  readonly measure: string;
  /** How it counted. */
  readonly switches: Switches;
  /** [image, part], images in canonical order (see `compareImages`). */
  readonly parts: readonly (readonly [string, Part])[];
}

/**
 * Sums the parts of images. Parts are kept by image and evaluated in canonical image order, so results are equal to the
 * byte whatever the order in which they came.
 */
export interface Accumulator<Part> {
  /** Name of the measure. */
  readonly measure: string;
  /** How it counts. */
  readonly switches: Switches;
  /** Images so far. */
  readonly images: number;
  /**
   * Adds one image's part. The same part once more is ignored.
   * @param image - an id; the number 7 and the text '7' are one image
   * @throws MaskloomError `VALUE_INVALID` when the image is there with another part, or the id is no safe integer
   */
  add(image: string | number, part: Part): this;
  /**
   * Adds the images of another accumulator of the same measure and switches.
   * @throws MaskloomError `VALUE_INVALID` when measure or switches differ, or an image has two different parts
   */
  merge(other: Accumulator<Part>): this;
  /**
   * The figures.
   * @throws MaskloomError `VALUE_INVALID` on an unknown name in `only`, or draws or level out of range
   */
  result(options?: ResultOptions): MeasureResult;
  /**
   * One figure on each image alone, images in canonical order; `null` where it is undefined.
   * @throws MaskloomError `VALUE_INVALID` when no image has a figure of that name
   */
  perImage(figure: string): readonly ImageFigure[];
  /** [image, part] in canonical order. */
  entries(): readonly (readonly [string, Part])[];
  /** For storing. */
  toJSON(): AccumulatorState<Part>;
}

/**
 * A way of scoring in two steps: {@link Measure.count} turns what is known about one image into a part (numbers as JSON,
 * to be stored), an {@link Accumulator} turns parts into figures.
 */
export interface Measure<Input, Part = unknown> {
  /** Stable id. */
  readonly name: string;
  /** Everything that can change a figure. */
  readonly switches: Switches;
  /**
   * Counts one image. Pure: equal inputs give equal parts.
   * @throws MaskloomError `MASK_INVALID` or `VALUE_INVALID` when the input is malformed
   */
  count(input: Input): Part;
  /**
   * Checks a stored part.
   * @throws MaskloomError `VALUE_INVALID` naming the field
   */
  parsePart(stored: unknown, where?: string): Part;
  /** An empty accumulator. */
  accumulator(): Accumulator<Part>;
  /**
   * An accumulator with the contents of a stored one.
   * @throws MaskloomError `VALUE_INVALID` when it is malformed, or of another measure or other switches
   */
  fromJSON(stored: unknown): Accumulator<Part>;
}
