import {
  maskArea,
  maskBox,
  maskOfSegmentation,
  MaskloomError,
  type RleMask,
  type Segmentation,
} from '@maskloom/core';
import { cocoApMeasure, cocoStats, type CocoApOptions } from './coco-ap.js';
import type { ApDetection, ApTruth, CocoBox } from './ap-input.js';
import type { MeasuredFigure } from '../measure/measure.js';

/** What the scoring reads of a COCO annotation file; more fields may stand in it. */
export interface CocoTruthFile {
  /** Every image that is scored, those without annotations too. */
  readonly images: readonly {
    /** What annotations and results call it. */
    readonly id: number | string;
    /** Pixels. */
    readonly width: number;
    /** Pixels. */
    readonly height: number;
  }[];
  /** The categories that are scored. */
  readonly categories: readonly {
    /** What annotations and results say. */
    readonly id: number;
    /** Unique; names its figure, `AP <name>`. */
    readonly name: string;
  }[];
  /** The true objects. */
  readonly annotations: readonly {
    /** The image that it is in. */
    readonly image_id: number | string;
    /** Its category. */
    readonly category_id: number;
    /** Its mask: polygons, or run lengths in either form. */
    readonly segmentation?: Segmentation | null;
    /** [x, y, width, height] in ImagePx. */
    readonly bbox?: CocoBox | null;
    /** Pixels as annotated; those of the mask or box when absent. */
    readonly area?: number | null;
    /** Whether it is a region of many objects, which never counts. */
    readonly iscrowd?: number | boolean | null;
  }[];
}

/** One entry of a COCO results file: a mask, a box, or both. */
export interface CocoResult {
  /** Id of an image of the annotation file. */
  readonly image_id: number | string;
  /** Entries of other categories than the annotation file's are left out, as pycocotools does. */
  readonly category_id: number;
  /** Confidence; only the order counts. */
  readonly score: number;
  /** Its mask. */
  readonly segmentation?: Segmentation | null;
  /** [x, y, width, height] in ImagePx. */
  readonly bbox?: CocoBox | null;
}

/** Average precision of a results file. */
export interface CocoScores {
  /** AP, AP50, AP75, APs, APm, APl, AR1, AR10, AR100, ARs, ARm, ARl as `COCOeval.stats` holds them; -1 where undefined. */
  readonly stats: readonly number[];
  /** The same by name, and `AP <class>`. */
  readonly figures: Readonly<Record<string, MeasuredFigure>>;
  /** Images scored. */
  readonly images: number;
  /** Results of categories that are not scored. */
  readonly leftOut: number;
}

/** How a results file is scored. */
export interface CocoScoreOptions extends Omit<CocoApOptions, 'categories'> {
  /** 95 % bootstrap intervals over images. */
  readonly intervals?: boolean;
}

/**
 * Scores a COCO results file against an annotation file as `COCOeval` does: the parsed JSON of both.
 *
 * @example
 * const { stats } = cocoScores(JSON.parse(readFileSync('gt.json', 'utf8')), JSON.parse(readFileSync('dt.json', 'utf8')));
 * @throws MaskloomError `VALUE_INVALID` or `MASK_INVALID` naming the entry
 */
export function cocoScores(
  truth: CocoTruthFile,
  results: readonly CocoResult[],
  options: CocoScoreOptions = {},
): CocoScores {
  for (const field of ['images', 'categories', 'annotations'] as const)
    if (!Array.isArray(truth[field])) throw invalid(field, 'is not a list', 'Give a COCO annotation file.');
  if (!Array.isArray(results))
    throw invalid('results', 'are not a list', 'Give a COCO results file: a list of objects.');
  const { intervals = false, ...rules } = options;
  const kind = rules.kind ?? 'mask';
  const scored = new Set(truth.categories.map(({ id }) => id));
  const truths = groupByImage(truth.annotations, 'annotations');
  const found = groupByImage(results, 'results');
  const known = new Set(truth.images.map(({ id }) => id));
  for (const id of found.keys())
    if (!known.has(id))
      throw invalid('results', `name an image ${id}`, 'Score against the file that the images are in.');
  // The reference takes the areas of all results from their boxes when the first result has one.
  const boxAreas = (results[0]?.bbox?.length ?? 0) > 0;
  const measure = cocoApMeasure({ ...rules, categories: truth.categories });
  const sums = measure.accumulator();
  let leftOut = 0;
  for (const { id, width, height } of truth.images) {
    const size = { width, height };
    const detections = (found.get(id) ?? []).filter(({ entry }) => scored.has(entry.category_id));
    leftOut += (found.get(id)?.length ?? 0) - detections.length;
    const part = measure.count({
      ...size,
      truths: (truths.get(id) ?? [])
        .filter(({ entry }) => scored.has(entry.category_id))
        .map(({ entry, where }): ApTruth => ({
          categoryId: entry.category_id,
          ...shapeOf(entry, kind, size, where),
          ...(typeof entry.area === 'number' && Number.isFinite(entry.area) ? { area: entry.area } : {}),
          crowd: Boolean(entry.iscrowd),
        })),
      detections: detections.map(({ entry, where }): ApDetection => ({
        categoryId: entry.category_id,
        score: entry.score,
        ...shapeOf(entry, kind, size, where),
        ...detectedArea(entry, boxAreas, size, where),
      })),
    });
    sums.add(id, part);
  }
  const result = sums.result({ intervals });
  return { stats: cocoStats(result), figures: result.figures, images: truth.images.length, leftOut };
}

interface Placed<T> {
  readonly entry: T;
  readonly where: string;
}

function groupByImage<T extends { readonly image_id: number | string }>(
  entries: readonly T[],
  field: string,
): ReadonlyMap<number | string, readonly Placed<T>[]> {
  const groups = new Map<number | string, Placed<T>[]>();
  entries.forEach((entry, i) => {
    const group = groups.get(entry.image_id) ?? [];
    groups.set(entry.image_id, group);
    group.push({ entry, where: `${field}[${i}]` });
  });
  return groups;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function shapeOf(
  entry: { readonly segmentation?: Segmentation | null; readonly bbox?: CocoBox | null },
  kind: 'mask' | 'box',
  size: Size,
  where: string,
): { readonly mask: RleMask } | { readonly bbox: CocoBox } {
  const { segmentation, bbox } = entry;
  if (kind === 'box') return { bbox: bbox ?? maskBox(maskAt(entry, size, where)) };
  // A result without a mask is compared by its box, as in the reference.
  if (!segmentation && bbox) return { mask: maskAt({ segmentation: [corners(bbox)] }, size, where) };
  return { mask: maskAt(entry, size, where) };
}

/** Pixels of a result as the reference counts them: its box's where results have boxes, else its mask's. */
function detectedArea(
  entry: CocoResult,
  boxAreas: boolean,
  size: Size,
  where: string,
): { readonly area?: number } {
  if (boxAreas) return entry.bbox ? { area: entry.bbox[2] * entry.bbox[3] } : {};
  return { area: maskArea(maskAt(entry, size, where)) };
}

function corners([x, y, w, h]: CocoBox): readonly number[] {
  return [x, y, x, y + h, x + w, y + h, x + w, y];
}

function maskAt(
  { segmentation }: { readonly segmentation?: Segmentation | null },
  { width, height }: Size,
  where: string,
): RleMask {
  if (!segmentation) throw invalid(where, 'has neither a segmentation nor a box', 'Give one of them.');
  try {
    return maskOfSegmentation(segmentation, width, height);
  } catch (cause) {
    if (!MaskloomError.is(cause)) throw cause;
    throw new MaskloomError(cause.code, cause.message, { where: `${where}.segmentation`, cause });
  }
}

function invalid(where: string, what: string, hint: string): MaskloomError {
  return new MaskloomError('VALUE_INVALID', `The ${where} ${what}.`, { where, hint });
}
