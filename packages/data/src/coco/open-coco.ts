import { join } from 'node:path';
import { findFirst, firstOf } from '../files/layout.js';
import type { Dataset, OpenOptions } from '../open/dataset.js';
import { openInstances } from './instances-dataset.js';
import { openPanoptic } from './panoptic-dataset.js';

/**
 * Opens COCO instances: `annotations/instances_<split>.json` with `<split>/` or `images/<split>/`; also one
 * `instances.json` with `images/` (the synthetic world, and small extracts).
 */
export async function openCocoInstances(root: string, options: OpenOptions): Promise<Dataset> {
  const { file, split } = annotationFile(root, 'instances', options.split);
  const images = imageFolder(root, split);
  return openInstances({ format: 'coco-instances', kind: 'instances', root, split, file, images }, options);
}

/**
 * Opens COCO panoptic: `annotations/panoptic_<split>.json` with the pictures of `annotations/panoptic_<split>/`; also one
 * `panoptic.json` with `panoptic/`.
 */
export async function openCocoPanoptic(root: string, options: OpenOptions): Promise<Dataset> {
  const { file, split } = annotationFile(root, 'panoptic', options.split);
  const folders = split === undefined ? ['panoptic'] : [`annotations/panoptic_${split}`, `panoptic_${split}`];
  const pictures = firstOf(root, folders, 'folder of panoptic pictures');
  return openPanoptic({ root, split, file, pictures, images: imageFolder(root, split) }, options);
}

interface AnnotationFile {
  readonly file: string;
  /** With its year; `undefined` where the folder has no splits. */
  readonly split: string | undefined;
}

/** `val` is the `val2017` or `val2014` that is there; without a split, the folder's only file or else `val`. */
function annotationFile(root: string, kind: string, wanted: string | undefined): AnnotationFile {
  const whole = findFirst(root, [`annotations/${kind}.json`, `${kind}.json`]);
  if (wanted === undefined && whole !== undefined) return { file: whole, split: undefined };
  const name = wanted ?? 'val';
  const splits = /^\w+$/.test(name) ? [name, `${name}2017`, `${name}2014`] : [];
  const places = splits.flatMap((split) => [`annotations/${kind}_${split}.json`, `${kind}_${split}.json`]);
  const at = places.findIndex((place) => findFirst(root, [place]) !== undefined);
  if (at < 0) firstOf(root, places, `file of split '${name}'`);
  return { file: join(root, places[at] as string), split: splits[at >> 1] as string };
}

function imageFolder(root: string, split: string | undefined): string {
  if (split === undefined) return firstOf(root, ['images', '.'], 'folder of images');
  return firstOf(root, [split, `images/${split}`, 'images'], `folder of images '${split}'`);
}
