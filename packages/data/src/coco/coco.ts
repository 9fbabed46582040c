import {
  masksOfSegmentation,
  MaskloomError,
  mergeMasks,
  rleOfRuns,
  type RleMask,
  type SegmentationRle,
} from '@maskloom/core';
import type { z } from 'zod';
import { readJsonItems } from '../files/json-items.js';
import { MAX_PICTURE_PIXELS, mustFit } from '../files/limits.js';
import { dataInvalid, validate } from '../files/validate.js';
import { annotationSchema, categorySchema, imageSchema } from './records.js';

/** An image of a COCO file. */
export interface CocoImage {
  /** Unique in its file. */
  readonly id: number;
  /** Its id as the file writes it, where that is text; the id itself when absent. */
  readonly name?: string;
  /** Path below the image folder. */
  readonly file_name: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** A category of a COCO file. */
export interface CocoCategory {
  /** Unique in its file. */
  readonly id: number;
  /** Its word. */
  readonly name: string;
  /** The group it belongs to. */
  readonly supercategory?: string | undefined;
  /** 1 for things, 0 for stuff (panoptic files). */
  readonly isthing?: 0 | 1 | undefined;
}

/** A run-length encoded region as COCO files hold it. */
export type CocoRle = SegmentationRle;

/** An annotation of a COCO file. */
export interface CocoAnnotation {
  /** Unique in its file. */
  readonly id: number;
  /** Its image. */
  readonly image_id: number;
  /** Its category. */
  readonly category_id: number;
  /** [x, y, width, height] in ImagePx; absent where the file has none that makes sense. */
  readonly bbox?: readonly [number, number, number, number] | undefined;
  /** Pixels; of polygons before they are rasterised; absent where the file has none that makes sense. */
  readonly area?: number | undefined;
  /** 1 for a region of many objects. */
  readonly iscrowd?: 0 | 1 | undefined;
  /** One RLE, or a list of polygons [x1, y1, x2, y2, ...] or RLEs (refCLEF) that are joined. */
  readonly segmentation: CocoRle | readonly (readonly number[] | CocoRle)[];
  /** What else the data says about it. */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** A COCO instances file in memory. */
export interface CocoInstances {
  /** Where it came from, for errors. */
  readonly file: string;
  /** By id. */
  readonly images: ReadonlyMap<number, CocoImage>;
  /** By id. */
  readonly categories: ReadonlyMap<number, CocoCategory>;
  /** By id. */
  readonly annotations: ReadonlyMap<number, CocoAnnotation>;
}

/**
 * Reads the annotations of a COCO file one by one.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function* readCocoAnnotations(file: string): AsyncGenerator<CocoAnnotation> {
  for await (const { index, value } of readJsonItems(file, 'annotations')) {
    yield validate(annotationSchema, value, file, `annotations[${index}]`);
  }
}

/**
 * Reads a COCO instances file. Annotations must belong to an image and a category of the file, ids must be unique.
 * @param keep - which annotations to hold in memory; all when absent
 * @param maxPixels - largest width * height that a record of an image may state; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field; `IMAGE_TOO_LARGE`
 */
export async function readCocoInstances(
  file: string,
  keep?: (annotation: CocoAnnotation) => boolean,
  maxPixels = MAX_PICTURE_PIXELS,
): Promise<CocoInstances> {
  const images = await index(file, 'images', imageSchema);
  for (const { id, width, height } of images.values())
    mustFit({ width, height }, maxPixels, `${file}: image ${id}`);
  const categories = await index(file, 'categories', categorySchema);
  const annotations = new Map<number, CocoAnnotation>();
  const seen = new Set<number>();
  let at = 0;
  for await (const annotation of readCocoAnnotations(file)) {
    const field = `annotations[${at++}]`;
    if (seen.has(annotation.id)) throw dataInvalid(file, `${field}.id`, `${annotation.id} occurs twice`);
    seen.add(annotation.id);
    if (!images.has(annotation.image_id))
      throw dataInvalid(file, `${field}.image_id`, `there is no image ${annotation.image_id}`);
    if (!categories.has(annotation.category_id)) {
      throw dataInvalid(file, `${field}.category_id`, `there is no category ${annotation.category_id}`);
    }
    if (keep === undefined || keep(annotation)) annotations.set(annotation.id, annotation);
  }
  return { file, images, categories, annotations };
}

async function index<T extends z.ZodType<{ id: number }>>(
  file: string,
  key: string,
  schema: T,
): Promise<Map<number, z.output<T>>> {
  const found = new Map<number, z.output<T>>();
  for await (const item of readJsonItems(file, key)) {
    const record = validate(schema, item.value, file, `${key}[${item.index}]`);
    if (found.has(record.id))
      throw dataInvalid(file, `${key}[${item.index}].id`, `${record.id} occurs twice`);
    found.set(record.id, record);
  }
  return found;
}

/**
 * The mask of an annotation: polygons by the COCO API's rule and joined with OR, RLE in either form.
 * @param image - the annotation's image; its size is the mask's
 * @throws MaskloomError `DATA_INVALID` naming file and annotation when the segmentation is malformed or of another size
 */
export function annotationMask(annotation: CocoAnnotation, image: CocoImage, file: string): RleMask {
  const { width, height } = image;
  const masks = annotationParts(annotation, image, file);
  return masks.length === 0
    ? rleOfRuns({ width, height, counts: Uint32Array.of(width * height) })
    : mergeMasks(masks);
}

/**
 * The masks of an annotation's polygons or RLEs, each alone; their union is {@link annotationMask}.
 * @throws MaskloomError `DATA_INVALID`, as there
 */
export function annotationParts(
  annotation: CocoAnnotation,
  image: CocoImage,
  file: string,
): readonly RleMask[] {
  const { width, height } = image;
  try {
    return masksOfSegmentation(annotation.segmentation, width, height);
  } catch (cause) {
    if (!MaskloomError.is(cause) || cause.code !== 'MASK_INVALID') throw cause;
    throw new MaskloomError('DATA_INVALID', cause.message, {
      where: `${file}: annotation ${annotation.id}.segmentation`,
      cause,
    });
  }
}
