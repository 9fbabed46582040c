import { basename, extname } from 'node:path';
import { trimOf } from '@maskloom/core';

/**
 * Gives each image a folder name of its own: its file name without ending, reduced to characters that every file
 * system takes, with a number when it is taken.
 */
export function createNamer(): (path: string) => string {
  const taken = new Set<string>();
  return (path) => {
    const plain = basename(path, extname(path))
      .normalize('NFC')
      .replace(/[^\p{L}\p{N}._-]+/gu, '-');
    const stem = trimOf(plain, /[-.]/).slice(0, 80);
    const base = stem === '' ? 'image' : stem;
    let name = base;
    // Compared without case: some file systems fold it.
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}-${n}`;
    taken.add(name.toLowerCase());
    return name;
  };
}

/** A recipe's id as part of a file name. */
export function recipeFileName(id: string): string {
  return id.replaceAll('/', '-');
}
