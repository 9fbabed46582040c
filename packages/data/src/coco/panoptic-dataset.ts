import { encodeLabel, encodeLabels, maskArea, maskBox, throwIfAborted } from '@maskloom/core';
import type { z } from 'zod';
import { inside } from '../files/inside.js';
import { readJsonItems, readJsonLists } from '../files/json-items.js';
import { attempt } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import { UNLABELLED } from '../open/dataset.js';
import type { Dataset, DatasetSample, DatasetSegment, LabelMap, OpenOptions } from '../open/dataset.js';
import type { CocoCategory, CocoImage } from './coco.js';
import { categorySchema, imageSchema, panopticSchema } from './records.js';
import { readSegmentPlaces, type SegmentPlaces } from './segment-places.js';
import { classesOf, indexById } from './segments.js';
import { addOnce } from './store.js';

type PanopticRecord = z.output<typeof panopticSchema>;

/** Where a COCO panoptic data set is. */
export interface PanopticFiles {
  /** The folder that was opened. */
  readonly root: string;
  /** Which part of it. */
  readonly split: string | undefined;
  /** The COCO file. */
  readonly file: string;
  /** The folder of the panoptic pictures. */
  readonly pictures: string;
  /** The folder of the images. */
  readonly images: string;
}

/**
 * Opens a COCO panoptic file. Its images come in the order of its annotations; pictures are decoded when asked for.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`, `ABORTED`
 */
export async function openPanoptic(
  files: PanopticFiles,
  { onProblem, signal, drawn = 'stored' }: OpenOptions,
): Promise<Dataset> {
  const { root, split, file } = files;
  const { images, categories } = await readHeads(file);
  const classes = classesOf(categories.values());
  const classIndex = indexById(classes);
  const pictures = new LastPicture();
  async function* samples(): AsyncGenerator<DatasetSample> {
    const seen = new Set<number>();
    for await (const { index, value } of readJsonItems(file, 'annotations', signal)) {
      throwIfAborted(signal, `reading ${file}`);
      const field = `annotations[${index}]`;
      const sample = await attempt(onProblem, (): DatasetSample => {
        const record = validate(panopticSchema, value, file, field);
        const image = images.get(record.image_id);
        if (image === undefined)
          throw dataInvalid(file, `${field}.image_id`, `there is no image ${record.image_id}`);
        if (seen.has(image.id))
          throw dataInvalid(file, `${field}.image_id`, `image ${image.id} occurs twice`);
        seen.add(image.id);
        for (const { category_id } of record.segments_info) {
          if (!classIndex.has(category_id))
            throw dataInvalid(file, `${field}.segments_info`, `there is no category ${category_id}`);
        }
        const picture = inside(files.pictures, record.file_name, file, `${field}.file_name`);
        const places = (): Promise<SegmentPlaces> => pictures.read(picture, image, record);
        return {
          id: image.name ?? String(image.id),
          path: inside(files.images, image.file_name, file, `image ${image.id}.file_name`),
          width: image.width,
          height: image.height,
          segments: async () => segmentsOf(record, await places(), classIndex),
          labels: async () => {
            const found = await places();
            return labelsOf(found, classesByPlace(record, found, classIndex, picture));
          },
          labelledClasses: async () => {
            const found = await places();
            const classes = classesByPlace(record, found, classIndex, picture);
            const present = classes.filter((index, place) => found.occurs[place] && index !== UNLABELLED);
            return new Set(present);
          },
        };
      });
      if (sample !== undefined) yield sample;
    }
  }
  return { format: 'coco-panoptic', kind: 'panoptic', root, split, drawn, classes, samples };
}

/** Segments and labels of an image are usually asked for one after the other: its picture is decoded once. */
class LastPicture {
  #record: PanopticRecord | undefined;
  #picture: WeakRef<Promise<SegmentPlaces>> | undefined;

  read(path: string, image: CocoImage, record: PanopticRecord): Promise<SegmentPlaces> {
    const known = this.#record === record ? this.#picture?.deref() : undefined;
    const picture = known ?? readSegmentPlaces(path, image, record);
    this.#record = record;
    this.#picture = new WeakRef(picture);
    return picture;
  }
}

function segmentsOf(
  { segments_info }: PanopticRecord,
  { width, height, places, placeOf }: SegmentPlaces,
  classIndex: ReadonlyMap<number, number>,
): readonly DatasetSegment[] {
  const masks = encodeLabels(places, width, height);
  return segments_info.map(({ id, category_id, area, bbox, iscrowd }) => {
    const place = placeOf.get(id) ?? 0;
    const mask = masks.get(place) ?? encodeLabel(places, width, height, place);
    return {
      id,
      classIndex: classIndex.get(category_id) ?? -1,
      mask,
      area: area ?? maskArea(mask),
      bbox: bbox ?? maskBox(mask),
      crowd: iscrowd === 1,
      source: 'labels',
    };
  });
}

/** The class of each place. @throws MaskloomError `DATA_INVALID` where the picture has a segment that the list has not */
function classesByPlace(
  { segments_info }: PanopticRecord,
  { placeOf, unlisted }: SegmentPlaces,
  classIndex: ReadonlyMap<number, number>,
  picture: string,
): Uint16Array {
  if (unlisted !== undefined)
    throw dataInvalid(picture, `segment ${unlisted}`, 'it is in the picture, not in the list');
  const classes = new Uint16Array(placeOf.size + 1).fill(UNLABELLED);
  for (const { id, category_id } of segments_info)
    classes[placeOf.get(id) as number] = classIndex.get(category_id) ?? UNLABELLED;
  return classes;
}

function labelsOf({ width, height, places }: SegmentPlaces, classes: Uint16Array): LabelMap {
  const labels = new Uint16Array(places.length);
  for (let p = 0; p < labels.length; p++) labels[p] = classes[places[p] as number] as number;
  return { width, height, labels };
}

/** Images and categories by id, in one pass over the file. */
async function readHeads(
  file: string,
): Promise<{ readonly images: Map<number, CocoImage>; readonly categories: Map<number, CocoCategory> }> {
  const [images, categories] = [new Map<number, CocoImage>(), new Map<number, CocoCategory>()];
  for await (const { key, index, value } of readJsonLists(file, ['images', 'categories'])) {
    const field = `${key}[${index}]`;
    if (key === 'images') addOnce(images, validate(imageSchema, value, file, field), file, field);
    else addOnce(categories, validate(categorySchema, value, file, field), file, field);
  }
  return { images, categories };
}
