import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import type { OpenOptions } from '../open/dataset.js';

/** Where a COCO data set's files are. */
export interface CocoPlaces {
  /** The annotation file. */
  readonly file: string;
  /** The folder that its image names start from. */
  readonly images: string;
  /** Its split with its year; `undefined` where the folder has none. */
  readonly split: string | undefined;
}

/** One way that a tool lays out a COCO data set: paths below the folder, `*` stands for the split. */
interface CocoLayout {
  /** Whose layout it is, for messages. */
  readonly by: string;
  readonly file: string;
  /** The first that is there. */
  readonly images: readonly string[];
}

/** Layouts with a split in their names. */
const WITH_SPLIT = (kind: string): readonly CocoLayout[] => [
  { by: 'COCO', file: `annotations/${kind}_*.json`, images: ['*', 'images/*', 'images', '.'] },
  { by: 'COCO', file: `${kind}_*.json`, images: ['*', 'images/*', 'images', '.'] },
  { by: 'mmdet', file: 'annotations/*.json', images: ['*', 'images/*', 'images', 'data', '.'] },
  { by: 'Roboflow', file: '*/_annotations.coco.json', images: ['*'] },
  { by: 'FiftyOne', file: '*/labels.json', images: ['*/data'] },
];

/** Layouts of a folder that is one split by itself. */
const WITHOUT_SPLIT = (kind: string): readonly CocoLayout[] => [
  { by: 'COCO', file: `annotations/${kind}.json`, images: ['images', '.'] },
  { by: 'COCO', file: `${kind}.json`, images: ['images', '.'] },
  { by: 'CVAT', file: `annotations/${kind}_default.json`, images: ['images/default', 'images', '.'] },
  { by: 'Roboflow', file: '_annotations.coco.json', images: ['.'] },
  { by: 'FiftyOne', file: 'labels.json', images: ['data', '.'] },
  { by: 'Label Studio', file: 'result.json', images: ['images', '.'] },
];

/** Other names of splits. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  val: ['val', 'val2017', 'val2014', 'valid', 'validation'],
  train: ['train', 'train2017', 'train2014', 'training'],
};

/**
 * Finds the files of a COCO data set: those given, else the first layout that is there.
 * @param kind - how its annotation files begin, `instances` or `panoptic`
 * @throws MaskloomError `DATA_NOT_FOUND` naming what was looked for and what is there
 */
export function findCoco(root: string, kind: string, options: OpenOptions): CocoPlaces {
  const { split, annotations, images } = options;
  const given = images === undefined ? undefined : resolve(images);
  if (annotations !== undefined) {
    const file = resolve(annotations);
    if (!existsSync(file))
      throw missing(root, 'the annotation file given is not there', [relative(root, file)]);
    return { file, images: given ?? dirname(file), split };
  }
  const whole = split === undefined ? WITHOUT_SPLIT(kind) : [];
  const names =
    split === undefined ? (ALIASES['val'] ?? []) : /^\w+$/.test(split) ? (ALIASES[split] ?? [split]) : [];
  const tries = [
    ...whole.map((layout) => ({ layout, name: undefined })),
    ...names.flatMap((name) => WITH_SPLIT(kind).map((layout) => ({ layout, name }))),
  ];
  for (const { layout, name } of tries) {
    const file = place(root, layout.file, name);
    if (!existsSync(file)) continue;
    const folder = given ?? layout.images.map((one) => place(root, one, name)).find((one) => existsSync(one));
    if (folder !== undefined) return { file, images: folder, split: name };
  }
  throw missing(
    root,
    split === undefined ? 'there is no annotation file' : `there is no annotation file of split '${split}'`,
    [...new Set(tries.map(({ layout, name }) => relative(root, place(root, layout.file, name))))],
  );
}

function place(root: string, path: string, split: string | undefined): string {
  return join(root, path.replaceAll('*', split ?? ''));
}

function missing(root: string, what: string, looked: readonly string[]): MaskloomError {
  return new MaskloomError('DATA_NOT_FOUND', `In this folder ${what}.`, {
    where: root,
    hint:
      `Looked for ${looked.join(', ')}; there is ${contents(root)}. ` +
      'Or name them: --annotations FILE --images DIR.',
  });
}

/** What a folder holds, its first names. */
function contents(root: string): string {
  const names = existsSync(root) ? readdirSync(root).filter((name) => !name.startsWith('._')) : [];
  if (names.length === 0) return 'nothing';
  return `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}
