import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { firstOf } from '../files/layout.js';
import { UNLABELLED, type Dataset, type OpenOptions } from '../open/dataset.js';
import { COCO_STUFF_CLASSES } from './coco-stuff-names.js';
import { semanticDataset } from './semantic-dataset.js';
import { pairs } from './pairs.js';

/**
 * Opens COCO-Stuff's pixel maps (`stuffthingmaps`): value = label id - 1, 255 = not labelled. 171 of the 182 ids are in
 * use; class indices are their places among those.
 */
export async function openCocoStuff(root: string, options: OpenOptions): Promise<Dataset> {
  const split = yearOf(options.split ?? 'val');
  const labels = firstOf(
    root,
    ['stuffthingmaps', 'cocostuff', 'annotations', 'coco/stuffthingmaps', 'coco-stuff/annotations', '.'].map(
      (folder) => join(folder, split),
    ),
    `folder of pixel maps '${split}'`,
  );
  const images = firstOf(
    root,
    ['images', 'coco', 'coco/images', 'coco-stuff/images', '.', '../coco', '../images'].map((folder) =>
      join(folder, split),
    ),
    `folder of images '${split}'`,
  );
  const indices = new Map(COCO_STUFF_CLASSES.map(({ id }, index) => [id - 1, index]));
  indices.set(255, UNLABELLED);
  return semanticDataset(
    {
      format: 'coco-stuff',
      root,
      split,
      classes: COCO_STUFF_CLASSES,
      items: () => pairs({ images, labels, endings: ['.png'] }, options.onProblem),
      indexOf: (value) => indices.get(value),
    },
    options,
  );
}

function yearOf(split: string): string {
  if (split === 'train' || split === 'val') return `${split}2017`;
  if (/^\w+$/.test(split)) return split;
  throw new MaskloomError('DATA_NOT_FOUND', `There is no split '${split}'.`, {
    hint: 'Splits are train and val.',
  });
}
