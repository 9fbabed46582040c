import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partialPath } from './partial.js';

/** Many at a time: a file system writes them down together, one by one takes 25 times as long. */
const AT_ONCE = 16;

/**
 * Puts a file in place whole: written beside, forced to the disk, renamed over an earlier one. A reader sees the old content
 * or the new, also after a power cut.
 * @param path - its folder must be there
 * @param content - text is written as UTF-8
 * @throws the file system's errors; nothing is left beside
 */
export function placeFile(path: string, content: string | Uint8Array): void {
  const beside = partialPath(path);
  try {
    writeFileSync(beside, content, { flag: 'wx' });
    moveFile(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/**
 * Renames a file that has been written, when its content is on the disk.
 * @throws the file system's errors
 */
export function moveFile(from: string, to: string): void {
  forceSync(from);
  renameSync(from, to);
  forceFolder(dirname(to));
}

/**
 * Renames a folder that has been filled, when everything in it is on the disk.
 * @throws the file system's errors
 */
export async function moveFolder(from: string, to: string): Promise<void> {
  await forceTree(from);
  renameSync(from, to);
  forceFolder(dirname(to));
}

/** Forces the files of a folder and of those below it to the disk, with their names. */
export async function forceTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < files.length; i = next++) {
      await using file = await open(files[i] as string, 'r+');
      await file.sync();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const entry of entries) if (entry.isDirectory()) forceFolder(join(entry.parentPath, entry.name));
  forceFolder(folder);
}

function forceSync(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A folder's names. Windows cannot open a folder, and some network file systems cannot force one. */
function forceFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The rename itself is whole without it.
  }
}
