import { dirname, join } from 'node:path';
import { inside } from '../files/inside.js';
import { readJsonItems } from '../files/json-items.js';
import { dataInvalid, validate } from '../files/validate.js';
import { categorySchema, imageSchema, panopticSchema } from './records.js';

/** One segment of a panoptic picture. */
export interface PanopticSegment {
  /** Its value in the panoptic picture. */
  readonly id: number;
  /** False for stuff. */
  readonly isThing: boolean;
}

/** One image of a COCO panoptic file. */
export interface PanopticImage {
  /** Unique in its file. */
  readonly id: number;
  /** Name of the image file. */
  readonly fileName: string;
  /** Path of the panoptic picture, in the folder `panoptic` beside the file's own folder. */
  readonly labels: string;
  /** In the order of the file. */
  readonly segments: readonly PanopticSegment[];
}

/**
 * Reads a COCO panoptic file, images in its order. The pictures themselves are not opened.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function readPanoptic(file: string): Promise<readonly PanopticImage[]> {
  const things = new Map<number, boolean>();
  for await (const { index, value } of readJsonItems(file, 'categories')) {
    const category = validate(categorySchema, value, file, `categories[${index}]`);
    things.set(category.id, category.isthing === 1);
  }
  const folder = join(dirname(file), '..', 'panoptic');
  const annotations = new Map<number, Pick<PanopticImage, 'labels' | 'segments'>>();
  for await (const { index, value } of readJsonItems(file, 'annotations')) {
    const field = `annotations[${index}]`;
    const { image_id, file_name, segments_info } = validate(panopticSchema, value, file, field);
    const segments = segments_info.map((segment): PanopticSegment => {
      const isThing = things.get(segment.category_id);
      if (isThing === undefined)
        throw dataInvalid(file, `${field}.segments_info`, `there is no category ${segment.category_id}`);
      return { id: segment.id, isThing };
    });
    annotations.set(image_id, { labels: inside(folder, file_name, file, `${field}.file_name`), segments });
  }
  const images: PanopticImage[] = [];
  for await (const { index, value } of readJsonItems(file, 'images')) {
    const image = validate(imageSchema, value, file, `images[${index}]`);
    const found = annotations.get(image.id);
    if (found === undefined)
      throw dataInvalid(file, `images[${index}].id`, `there is no annotation of image ${image.id}`);
    images.push({ id: image.id, fileName: image.file_name, ...found });
  }
  return images;
}
