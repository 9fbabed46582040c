import { maskArea, maskBox } from '@maskloom/core';
import type { DatasetClass, DatasetSegment } from '../open/dataset.js';
import { annotationMask, type CocoAnnotation, type CocoCategory, type CocoImage } from './coco.js';

/** The classes of a COCO file, in its order. */
export function classesOf(categories: Iterable<CocoCategory>): readonly DatasetClass[] {
  return [...categories].map(({ id, name, isthing }) => ({
    id,
    name,
    ...(isthing === undefined ? {} : { thing: isthing === 1 }),
  }));
}

/** Places of classes by category id. */
export function indexById(classes: readonly DatasetClass[]): ReadonlyMap<number, number> {
  return new Map(classes.map(({ id }, index) => [id, index]));
}

/**
 * A segment of a COCO annotation.
 * @throws MaskloomError `DATA_INVALID` naming file and annotation when the segmentation is malformed
 */
export function segmentOf(
  annotation: CocoAnnotation,
  image: CocoImage,
  file: string,
  classIndex: ReadonlyMap<number, number>,
): DatasetSegment {
  const { id, category_id, bbox, area, iscrowd, segmentation, attributes } = annotation;
  const mask = annotationMask(annotation, image, file);
  return {
    id,
    classIndex: classIndex.get(category_id) ?? -1,
    mask,
    area: area ?? maskArea(mask),
    bbox: bbox ?? maskBox(mask),
    crowd: iscrowd === 1,
    source: Array.isArray(segmentation) ? 'polygons' : 'rle',
    ...(attributes === undefined ? {} : { attributes }),
  };
}
