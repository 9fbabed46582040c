import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { asDataError } from './json-items.js';

/**
 * The first of several places that exists.
 * @param root - the data set's folder
 * @param places - paths below it, the most usual one first
 * @param what - what is looked for, e.g. `the annotations`
 * @throws MaskloomError `DATA_NOT_FOUND` naming every place
 */
export function firstOf(root: string, places: readonly string[], what: string): string {
  const found = findFirst(root, places);
  if (found !== undefined) return found;
  throw new MaskloomError('DATA_NOT_FOUND', `There is no ${what} in this folder.`, {
    where: root,
    hint: `Looked for ${places.join(', ')}.`,
  });
}

/** As {@link firstOf}, `undefined` when there is none. */
export function findFirst(root: string, places: readonly string[]): string | undefined {
  return places.map((place) => join(root, place)).find((path) => existsSync(path));
}

/**
 * Names of the files of a folder with one of the endings, in the order of their code units.
 * @param deep - also the files of folders below it, as paths with `/`
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function filesOf(
  folder: string,
  endings: readonly string[],
  deep = false,
): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: deep }).catch((error: unknown) => {
    throw asDataError(error, folder);
  });
  return (
    names
      .map((name) => name.replaceAll('\\', '/'))
      // macOS puts `._name` with a file's other data beside it on foreign disks: no data of anybody's.
      .filter((name) => endings.includes(extname(name).toLowerCase()) && !basename(name).startsWith('._'))
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  );
}

/** A file name without its folder's part changed and without its ending: `a/b.jpg` is `a/b`. */
export function stemOf(name: string): string {
  return name.slice(0, name.length - extname(name).length);
}
