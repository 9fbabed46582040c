import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { inside } from '../files/inside.js';
import { readLines } from '../files/json-file.js';
import { filesOf, stemOf } from '../files/layout.js';
import { attempt, type OnProblem } from '../files/problems.js';
import type { SemanticItem } from './semantic-dataset.js';

/** Endings of image files. */
export const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.png'];

/** Folders of images and label maps whose files have the same stems. */
export interface PairedFolders {
  /** Folder of the images. */
  readonly images: string;
  /** Folder of the label maps. */
  readonly labels: string;
  /** Endings of label maps, with their dot. */
  readonly endings: readonly string[];
  /** Text file with one stem a line; every label map of the folder when absent. */
  readonly list?: string | undefined;
  /** Also the label maps in folders below. */
  readonly deep?: boolean;
}

/**
 * Pairs images with label maps, in the order of the list or of the names.
 * @throws MaskloomError `DATA_NOT_FOUND` when there are no label maps or a file is missing, `DATA_INVALID` when a line of
 * the list leaves its folder
 */
export async function* pairs(
  folders: PairedFolders,
  onProblem: OnProblem | undefined,
): AsyncGenerator<SemanticItem> {
  for (const { stem, labels } of await labelFiles(folders)) {
    const item = await attempt(onProblem, () => ({
      id: stem,
      image: imageOf(folders, stem),
      labels: labels(),
    }));
    if (item !== undefined) yield item;
  }
}

interface LabelFile {
  readonly stem: string;
  readonly labels: () => string;
}

async function labelFiles({ labels, endings, list, deep }: PairedFolders): Promise<readonly LabelFile[]> {
  if (list === undefined) {
    const names = await filesOf(labels, endings, deep);
    if (names.length === 0)
      throw missing(`${join(labels, '*')}${endings.join('|')}`, 'There are no label maps.');
    return names.map((name) => ({ stem: stemOf(name), labels: () => join(labels, name) }));
  }
  const stems = (await readLines(list)).map((line) =>
    (line.split(/\s+/)[0] as string).replace(/\.(jpe?g|png)$/i, ''),
  );
  return stems.map((stem, i) => ({
    stem,
    labels: () => {
      const paths = endings.map((ending) => inside(labels, stem + ending, list, `line ${i + 1}`));
      const found = paths.find((path) => existsSync(path));
      if (found === undefined) throw missing(paths[0] as string, 'The label map is missing.');
      return found;
    },
  }));
}

function imageOf({ images }: PairedFolders, stem: string): string {
  const paths = IMAGE_ENDINGS.map((ending) => inside(images, stem + ending, images, stem));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw missing(paths[0] as string, 'The image is missing.');
  return found;
}

function missing(where: string, message: string): MaskloomError {
  return new MaskloomError('DATA_NOT_FOUND', message, { where });
}
