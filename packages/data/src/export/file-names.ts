import { basename, extname } from 'node:path';
import { trimOf } from '@maskloom/core';

/** Most characters of a name. */
const LIMIT = 80;

/** Names that Windows keeps for devices, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Text as a part of a file name that every file system takes: letters, digits, `.`, `_` and `-`, at most 80 of them, no dot at
 * its ends.
 * @param text - e.g. a label or a recipe's id
 * @param instead - where nothing is left of it
 */
export function safeName(text: string, instead: string): string {
  const plain = text.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const name = trimOf(Array.from(trimOf(plain, /[-.]/)).slice(0, LIMIT).join(''), /[-.]/);
  if (name === '') return instead;
  return DEVICE.test(name) ? `${instead}-${name}` : name;
}

/**
 * Gives each image a file name of its own: its file's without ending, made safe, with a number when it is taken.
 */
export function createNamer(): (path: string) => string {
  const taken = new Set<string>();
  /** Where to look for the next free number of a name. */
  const next = new Map<string, number>();
  return (path) => {
    const base = safeName(basename(path, extname(path)), 'image');
    // Compared without case: some file systems fold it.
    const folded = base.toLowerCase();
    let name = base;
    let number = next.get(folded) ?? 2;
    while (taken.has(name.toLowerCase())) name = `${base}-${number++}`;
    taken.add(name.toLowerCase());
    next.set(folded, number);
    return name;
  };
}
