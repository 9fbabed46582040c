import { encodeLabel, encodeLabels, maskArea, maskBox, throwIfAborted, type RleMask } from '@maskloom/core';
import type { z } from 'zod';
import { inside } from '../files/inside.js';
import { readJsonItems } from '../files/json-items.js';
import { readPanopticPng, type LabelImage } from '../files/label-image.js';
import { mostFor } from '../files/limits.js';
import { attempt } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import { UNLABELLED } from '../open/dataset.js';
import type { Dataset, DatasetSample, DatasetSegment, LabelMap, OpenOptions } from '../open/dataset.js';
import type { CocoCategory, CocoImage } from './coco.js';
import { categorySchema, imageSchema, panopticSchema } from './records.js';
import { classesOf, indexById } from './segments.js';

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
  const images = await byId<CocoImage>(file, 'images', imageSchema);
  const classes = classesOf((await byId<CocoCategory>(file, 'categories', categorySchema)).values());
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
        return {
          id: image.name ?? String(image.id),
          path: inside(files.images, image.file_name, file, `image ${image.id}.file_name`),
          width: image.width,
          height: image.height,
          segments: async () => segmentsOf(record, await pictures.read(picture, image), classIndex),
          labels: async () => labelsOf(record, await pictures.read(picture, image), classIndex, picture),
        };
      });
      if (sample !== undefined) yield sample;
    }
  }
  return { format: 'coco-panoptic', kind: 'panoptic', root, split, drawn, classes, samples };
}

/** Segments and labels of an image are usually asked for one after the other: its picture is decoded once. */
class LastPicture {
  #path: string | undefined;
  #picture: WeakRef<Promise<LabelImage>> | undefined;

  read(path: string, image: CocoImage): Promise<LabelImage> {
    const known = this.#path === path ? this.#picture?.deref() : undefined;
    const picture = known ?? readPicture(path, image);
    this.#path = path;
    this.#picture = new WeakRef(picture);
    return picture;
  }
}

async function readPicture(path: string, image: CocoImage): Promise<LabelImage> {
  const picture = await readPanopticPng(path, mostFor(image));
  if (picture.width !== image.width || picture.height !== image.height) {
    throw dataInvalid(
      path,
      'size',
      `it is ${picture.width} x ${picture.height}, its image ${image.width} x ${image.height}`,
    );
  }
  return picture;
}

function segmentsOf(
  record: PanopticRecord,
  { width, height, labels }: LabelImage,
  classIndex: ReadonlyMap<number, number>,
): readonly DatasetSegment[] {
  const masks = masksOf(record, labels, width, height);
  return record.segments_info.map(({ id, category_id, area, bbox, iscrowd }) => {
    const mask = masks(id);
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

function masksOf(
  { segments_info }: PanopticRecord,
  labels: Int32Array,
  width: number,
  height: number,
): (id: number) => RleMask {
  if (segments_info.length > 255) return (id) => encodeLabel(labels, width, height, id);
  const places = new Map(segments_info.map(({ id }, i) => [id, i + 1]));
  const small = new Uint8Array(labels.length);
  // Neighbours are mostly of one segment: a place is looked up once a run, not once a pixel.
  let [last, place] = [-1, 0];
  for (let p = 0; p < small.length; p++) {
    const label = labels[p] as number;
    if (label !== last) [last, place] = [label, places.get(label) ?? 0];
    small[p] = place;
  }
  const masks = encodeLabels(small, width, height);
  return (id) => masks.get(places.get(id) ?? -1) ?? encodeLabel(labels, width, height, id);
}

function labelsOf(
  { segments_info }: PanopticRecord,
  { width, height, labels }: LabelImage,
  classIndex: ReadonlyMap<number, number>,
  picture: string,
): LabelMap {
  const values = new Map(
    segments_info.map(({ id, category_id }) => [id, classIndex.get(category_id) ?? UNLABELLED]),
  );
  values.set(0, UNLABELLED);
  const out = new Uint16Array(labels.length);
  let [last, value] = [0, UNLABELLED];
  for (let p = 0; p < out.length; p++) {
    const label = labels[p] as number;
    if (label !== last) {
      const known = values.get(label);
      if (known === undefined)
        throw dataInvalid(picture, `segment ${label}`, 'it is in the picture, not in the list');
      [last, value] = [label, known];
    }
    out[p] = value;
  }
  return { width, height, labels: out };
}

async function byId<T extends { readonly id: number }>(
  file: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<Map<number, T>> {
  const found = new Map<number, T>();
  for await (const { index, value } of readJsonItems(file, key)) {
    const record = validate(schema, value, file, `${key}[${index}]`);
    if (found.has(record.id)) throw dataInvalid(file, `${key}[${index}].id`, `${record.id} occurs twice`);
    found.set(record.id, record);
  }
  return found;
}
