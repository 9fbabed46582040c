import type { MaskloomError, RleMask } from '@maskloom/core';
import type { Drawn } from '../files/picture-sizes.js';
import type { ReferringQuery } from '../refer/referring.js';

/** What a data set says about its images. */
export type DatasetKind = 'instances' | 'panoptic' | 'semantic' | 'parts' | 'referring' | 'reasoning';

/** The value of a label map where nothing counts: not labelled, void, ignored. */
export const UNLABELLED = 0xffff;

/** A class of a data set; its place in {@link Dataset.classes} is its class index everywhere. */
export interface DatasetClass {
  /** As the files number it. */
  readonly id: number;
  /** As the files name it; several names of one class are separated by `;` or `,` as in the files. */
  readonly name: string;
  /** False for stuff; absent where the files do not say. */
  readonly thing?: boolean | undefined;
  /** The object of a part class, or of an object class of a data set of parts. */
  readonly object?: string | undefined;
  /** The part of a part class. */
  readonly part?: string | undefined;
}

/** A label map: one class index per pixel. */
export interface LabelMap {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Row-major [height, width]: places in {@link Dataset.classes}, or {@link UNLABELLED}. */
  readonly labels: Uint16Array;
}

/** A segment of an image with its class. */
export interface DatasetSegment {
  /** Annotation or segment id of the files. */
  readonly id: number;
  /** Place in {@link Dataset.classes}. */
  readonly classIndex: number;
  /** At image size. */
  readonly mask: RleMask;
  /** As the files state it; of polygons before they are rasterised. Pixels. */
  readonly area: number;
  /** [x, y, width, height] in ImagePx, as the files state it. */
  readonly bbox: readonly [number, number, number, number];
  /** True for a region of many objects. */
  readonly crowd: boolean;
  /** What the mask was read from: `area` and `bbox` are exact for `rle` and `labels` only. */
  readonly source: 'rle' | 'polygons' | 'labels';
  /** What else the files say about it. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** One thing to ask about an image. */
export interface DatasetQuery extends ReferringQuery {
  /** Unique in the data set and stable. */
  readonly id: string;
  /** Every wording; `text` is the first, which evaluation uses (LISA, READ). */
  readonly texts: readonly string[];
  /** True for a whole question ("long"), false for a phrase ("short"); absent where the files do not say. */
  readonly isSentence: boolean | undefined;
  /** Annotations of the targets; none for a false premise, and where the target is an outline of its own. */
  readonly annIds: readonly number[];
  /** One mask per polygon or annotation; `mask` is their union. For the rule that sums polygons (LISA). */
  readonly parts: readonly RleMask[];
  /** Pixels that count for neither side; absent when there are none. */
  readonly ignore: RleMask | undefined;
  /** The answer that the files give to a false premise. */
  readonly answer: string | undefined;
}

/** An image with what is known about it. Nothing is decoded before it is asked for. */
export interface DatasetSample {
  /** Unique in the data set and stable. */
  readonly id: string;
  /** Path of the image file. */
  readonly path: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Its segments, of data sets of instances, panoptic pictures or parts. @throws MaskloomError `DATA_*` */
  readonly segments?: () => Promise<readonly DatasetSegment[]>;
  /** Its label map, of semantic and panoptic data sets. @throws MaskloomError `DATA_*` */
  readonly labels?: () => Promise<LabelMap>;
  /**
   * The classes that its label map has, without {@link UNLABELLED}; only where they are known before the map is made.
   * @throws MaskloomError whatever `labels` throws
   */
  readonly labelledClasses?: () => Promise<ReadonlySet<number>>;
  /** What is asked about it, of referring and reasoning data sets. @throws MaskloomError `DATA_*` */
  readonly queries?: () => Promise<readonly DatasetQuery[]>;
  /** What a reader of the figures should know: an outline is missing, say. */
  readonly notes?: readonly string[];
}

/** An opened data set. */
export interface Dataset {
  /** Its format's id. */
  readonly format: string;
  /** What it says about its images. */
  readonly kind: DatasetKind;
  /** Its folder. */
  readonly root: string;
  /** Which part of it; `undefined` for all of it. */
  readonly split: string | undefined;
  /**
   * Which form of a picture its annotations are drawn on, as its own tools take it or as `OpenOptions.drawn` says; a record whose
   * stated size is that of the other form alone is taken as that (`drawnPicture`).
   */
  readonly drawn: Drawn;
  /** Its classes; empty where it has none (ReasonSeg). */
  readonly classes: readonly DatasetClass[];
  /** What a reader of the figures should know of the files: numbers that are none, say. */
  readonly notes?: readonly string[];
  /**
   * Its images, one after the other in a fixed order; may be called again.
   * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID` naming file and field, `ABORTED`
   */
  samples(): AsyncIterable<DatasetSample>;
}

/** How to open a data set. */
export interface OpenOptions {
  /** Which part, e.g. `val`; the format's own first choice when absent. */
  readonly split?: string | undefined;
  /** Who split a REFER data set, e.g. `unc`, `umd`, `google`, `berkeley` or `unc_exclude_unified`. */
  readonly splitBy?: string | undefined;
  /** Only whole questions (`long`) or phrases (`short`) of ReasonSeg. */
  readonly length?: 'short' | 'long' | undefined;
  /** Which form of pictures annotations are drawn on; the format's own rule when absent. */
  readonly drawn?: Drawn | undefined;
  /** An annotation file, in place of the layout's own (COCO forms). */
  readonly annotations?: string | undefined;
  /** The folder that image names start from, in place of the layout's own (COCO forms, labelme). */
  readonly images?: string | undefined;
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number | undefined;
  /** Takes what is wrong with single records, which are left out; without it the first one is thrown. */
  readonly onProblem?: ((error: MaskloomError) => void) | undefined;
  /** Stops reading. */
  readonly signal?: AbortSignal | undefined;
}
