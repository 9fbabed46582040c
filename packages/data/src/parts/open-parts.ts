import { join } from 'node:path';
import { openInstances } from '../coco/instances-dataset.js';
import { findFirst, firstOf } from '../files/layout.js';
import type { Dataset, OpenOptions } from '../open/dataset.js';
import { splitFile } from '../semantic/split-file.js';
import { withPart } from './part-names.js';

/**
 * Opens PACO-LVIS: `annotations/paco_lvis_v1_<split>.json`; classes are objects (`trash_can`) and parts
 * (`trash_can:rim`); images below `coco/`.
 */
export async function openPaco(root: string, options: OpenOptions): Promise<Dataset> {
  const split = options.split ?? 'val';
  const folder = findFirst(root, ['annotations', 'vlpart/paco/annotations', 'paco/annotations']) ?? root;
  const file = splitFile(folder, split, '.json', 'paco_lvis_v1_');
  const images = findFirst(root, ['coco', 'images', '../coco', '../../coco']) ?? root;
  return openInstances(
    { format: 'paco-lvis', kind: 'parts', root, split, file, images, describe: withPart },
    options,
  );
}

/** Opens PASCAL-Part as VLPart prepared it: `<split>.json`, classes `object:part`, images of VOC 2010. */
export async function openPascalPart(root: string, options: OpenOptions): Promise<Dataset> {
  const split = options.split ?? 'val';
  const folder = findFirst(root, ['pascal_part', 'vlpart/pascal_part']) ?? root;
  const file = splitFile(folder, split, '.json');
  const images = firstOf(
    folder,
    [
      'VOCdevkit/VOC2010/JPEGImages',
      'VOC2010/JPEGImages',
      'JPEGImages',
      join('..', 'VOCdevkit/VOC2010/JPEGImages'),
      'images',
    ],
    'folder JPEGImages',
  );
  return openInstances(
    { format: 'pascal-part', kind: 'parts', root, split, file, images, describe: withPart },
    options,
  );
}
