import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MaskloomError } from '@maskloom/core';

/** Names of a configuration file, the first found in a folder counts. */
export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((ending) => `maskloom.config.${ending}`);

/**
 * The configuration file: the one asked for, else the nearest one from a folder upwards.
 * @param asked - `--config`, relative to the folder
 * @param from - where to begin
 * @returns its absolute path, or nothing when there is none
 * @throws MaskloomError `CONFIG_INVALID` when the file asked for is not there
 */
export function findConfig(asked: string | undefined, from: string): string | undefined {
  if (asked !== undefined) {
    const path = resolve(from, asked);
    if (existsSync(path)) return path;
    throw new MaskloomError('CONFIG_INVALID', 'There is no such configuration file.', {
      where: asked,
      hint: `Make one: ${CONFIG_NAMES.join(', ')}.`,
    });
  }
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = CONFIG_NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}
