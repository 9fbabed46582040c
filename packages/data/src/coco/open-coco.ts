import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { firstOf } from '../files/layout.js';
import type { Dataset, OpenOptions } from '../open/dataset.js';
import { findCoco } from './find-coco.js';
import { openInstances } from './instances-dataset.js';
import { openPanoptic } from './panoptic-dataset.js';

/**
 * Opens COCO instances in the layout of COCO itself, of mmdet, or of exports of Roboflow, FiftyOne, CVAT and Label Studio; also
 * one `instances.json` with `images/` (the synthetic world, and small extracts). `annotations` and `images` name others.
 */
export async function openCocoInstances(root: string, options: OpenOptions): Promise<Dataset> {
  const { file, images, split } = findCoco(root, 'instances', options);
  return openInstances({ format: 'coco-instances', kind: 'instances', root, split, file, images }, options);
}

/**
 * Opens COCO panoptic: `annotations/panoptic_<split>.json` with the pictures of `annotations/panoptic_<split>/`; also one
 * `panoptic.json` with `panoptic/`; or the file that `annotations` names, with a folder of pictures of its name beside it.
 */
export async function openCocoPanoptic(root: string, options: OpenOptions): Promise<Dataset> {
  const { file, images, split } = findCoco(root, 'panoptic', options);
  const own = join(dirname(file), basename(file, '.json'));
  const folders = split === undefined ? ['panoptic'] : [`annotations/panoptic_${split}`, `panoptic_${split}`];
  const pictures = existsSync(own) ? own : firstOf(root, folders, 'folder of panoptic pictures');
  return openPanoptic({ root, split, file, pictures, images }, options);
}
