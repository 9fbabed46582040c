import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';
import { filesOf, findFirst, stemOf } from '../files/layout.js';
import { readRgbPng, type LabelImage } from '../files/label-image.js';
import { dataInvalid, validate } from '../files/validate.js';
import { UNLABELLED, type Dataset, type DatasetClass, type OpenOptions } from '../open/dataset.js';
import { readPickle } from '../pickle/read-pickle.js';
import { ADE_847 } from './ade20k-847-ids.js';
import { pairs } from './pairs.js';
import { counted, semanticDataset, type SemanticItem } from './semantic-dataset.js';

const SPLITS: Readonly<Record<string, string>> = { train: 'training', val: 'validation' };
const indexSchema = z.object({ objectnames: z.array(z.string()).min(1) });

/**
 * Opens ADE20K's 847-class benchmark in the folder `ADE20K_2021_17_01`: label maps that were prepared before
 * (`annotations_detectron2/<split>/*.tif` with `images_detectron2`: class indices, 65535 = none), or the released
 * `images/ADE/<split>` with `*_seg.png` beside each image: object number = floor(R / 10) * 256 + G. The names come from
 * `index_ade20k.pkl`; objects that are none of the 847 are not labelled.
 */
export async function openAde847(root: string, options: OpenOptions): Promise<Dataset> {
  const home = findFirst(root, ['ADE20K_2021_17_01']) ?? root;
  const wanted = options.split ?? 'validation';
  const split = SPLITS[wanted] ?? wanted;
  const known = /^\w+$/.test(split);
  const prepared = known ? findFirst(home, [`annotations_detectron2/${split}`]) : undefined;
  const raw = known ? findFirst(home, [`images/ADE/${split}`]) : undefined;
  if (prepared === undefined && raw === undefined) {
    throw new MaskloomError('DATA_NOT_FOUND', `There is no split '${wanted}'.`, {
      where: home,
      hint: `Looked for annotations_detectron2/${split} and images/ADE/${split}; splits are training and validation.`,
    });
  }
  const names = await objectNames(join(home, 'index_ade20k.pkl'));
  const classes: DatasetClass[] = ADE_847.map((id) => ({ id, name: names[id - 1] ?? '' }));
  const common = { format: 'ade20k-847', root, split, classes };
  if (prepared !== undefined) {
    const folders = {
      labels: prepared,
      images: join(home, 'images_detectron2', split),
      endings: ['.tif', '.png'],
    };
    const indexOf = counted(classes.length, 0, [UNLABELLED]);
    return semanticDataset({ ...common, items: () => pairs(folders, options.onProblem), indexOf }, options);
  }
  const indices = new Map(ADE_847.map((id, index) => [id, index]));
  return semanticDataset(
    {
      ...common,
      items: () => rawItems(raw as string),
      indexOf: (value) => indices.get(value) ?? (value <= names.length ? UNLABELLED : undefined),
      read: readObjectClasses,
    },
    options,
  );
}

async function* rawItems(folder: string): AsyncGenerator<SemanticItem> {
  for (const name of await filesOf(folder, ['.jpg'], true)) {
    const stem = stemOf(name);
    yield { id: stem, image: join(folder, name), labels: join(folder, `${stem}_seg.png`) };
  }
}

async function readObjectClasses(path: string, most: number): Promise<LabelImage> {
  const { width, height, samples } = await readRgbPng(path, most);
  const labels = new Int32Array(width * height);
  for (let p = 0; p < labels.length; p++)
    labels[p] = Math.floor((samples[3 * p] as number) / 10) * 256 + (samples[3 * p + 1] as number);
  return { width, height, labels };
}

async function objectNames(file: string): Promise<readonly string[]> {
  const { objectnames } = validate(indexSchema, await readPickle(file), file, 'index');
  const missing = ADE_847.find((id) => (objectnames[id - 1] ?? '') === '');
  if (missing !== undefined) throw dataInvalid(file, 'objectnames', `there is no object ${missing}`);
  return objectnames;
}
