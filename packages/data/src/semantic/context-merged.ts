import { join } from 'node:path';
import { MaskloomError, pixelsOfRuns, runsOfRle, suggest, throwIfAborted } from '@maskloom/core';
import { z } from 'zod';
import { inside } from '../files/inside.js';
import { readJsonItems } from '../files/json-items.js';
import { readJsonSlices, type JsonSlice } from '../files/json-slices.js';
import { attempt } from '../files/problems.js';
import { dataInvalid, validate } from '../files/validate.js';
import { UNLABELLED } from '../open/dataset.js';
import type { Dataset, DatasetClass, DatasetSample, LabelMap, OpenOptions } from '../open/dataset.js';

const imageSchema = z.object({
  image_id: z.number().int().nonnegative(),
  file_name: z.string().min(1),
  phase: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
type MergedImage = z.output<typeof imageSchema>;

const segmentSchema = z.object({
  image_id: z.number().int().nonnegative(),
  category_id: z.number().int().nonnegative(),
  segmentation: z.object({
    size: z.tuple([z.number().int().positive(), z.number().int().positive()]),
    counts: z.string(),
  }),
});

/**
 * Opens PASCAL-Context's 59 classes from `trainval_merged.json`: images with a `phase`, segments with RLE masks and label
 * ids, painted in the order of the file.
 */
export async function openMergedContext(
  root: string,
  home: string,
  split: string,
  classes: readonly DatasetClass[],
  { onProblem, signal, drawn = 'stored' }: OpenOptions,
): Promise<Dataset> {
  const file = join(home, 'trainval_merged.json');
  const images = new Map<number, MergedImage>();
  const phases = new Set<string>();
  for await (const { index, value } of readJsonItems(file, 'images', signal)) {
    await attempt(onProblem, () => {
      const image = validate(imageSchema, value, file, `images[${index}]`);
      if (images.has(image.image_id))
        throw dataInvalid(file, `images[${index}].image_id`, `${image.image_id} occurs twice`);
      phases.add(image.phase);
      if (image.phase === split) images.set(image.image_id, image);
    });
  }
  if (images.size === 0) {
    throw new MaskloomError('DATA_NOT_FOUND', `There are no images of split '${split}'.`, {
      where: file,
      hint: suggest(split, phases),
    });
  }
  const places = new Map<number, JsonSlice[]>();
  for await (const { index, value, start, end } of readJsonItems(file, 'annos_segmentation', signal)) {
    await attempt(onProblem, () => {
      const { image_id } = validate(segmentSchema, value, file, `annos_segmentation[${index}]`);
      const slices = places.get(image_id) ?? [];
      places.set(image_id, slices);
      slices.push({ start, end });
    });
  }
  const indices = new Map(classes.map(({ id }, index) => [id, index]));
  async function* samples(): AsyncGenerator<DatasetSample> {
    for (const image of images.values()) {
      throwIfAborted(signal, `reading ${file}`);
      const sample = await attempt(onProblem, (): DatasetSample => ({
        id: String(image.image_id),
        path: inside(join(home, 'JPEGImages'), image.file_name, file, `image ${image.image_id}.file_name`),
        width: image.width,
        height: image.height,
        labels: async () => paint(file, image, places.get(image.image_id) ?? [], indices),
      }));
      if (sample !== undefined) yield sample;
    }
  }
  return { format: 'context-59', kind: 'semantic', root, split, drawn: drawn, classes, samples };
}

async function paint(
  file: string,
  { image_id, width, height }: MergedImage,
  slices: readonly JsonSlice[],
  indices: ReadonlyMap<number, number>,
): Promise<LabelMap> {
  const labels = new Uint16Array(width * height).fill(UNLABELLED);
  for (const value of await readJsonSlices(file, slices)) {
    const { category_id, segmentation } = validate(segmentSchema, value, file, `image ${image_id}`);
    const [rows, columns] = segmentation.size;
    if (rows !== height || columns !== width)
      throw dataInvalid(
        file,
        `image ${image_id}`,
        `a mask is ${columns} x ${rows}, the image ${width} x ${height}`,
      );
    const pixels = pixelsOfRuns(runsOfRle(segmentation, file));
    const index = indices.get(category_id) ?? UNLABELLED;
    for (let p = 0; p < labels.length; p++) if (pixels[p] === 1) labels[p] = index;
  }
  return { width, height, labels };
}
