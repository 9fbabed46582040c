import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Folders with their links resolved; those that are not there are left out. */
export async function realRoots(folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  return found.filter((folder) => folder !== undefined);
}

/** Whether a file is there and, its links resolved, in one of the folders. */
export async function isBelow(path: string, roots: readonly string[]): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && roots.some((root) => real.startsWith(root.endsWith(sep) ? root : root + sep));
}
