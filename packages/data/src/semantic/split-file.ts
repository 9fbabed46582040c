import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MaskloomError, suggest } from '@maskloom/core';

/**
 * The file of a split in a folder of them.
 * @param ending - with its dot
 * @throws MaskloomError `DATA_NOT_FOUND` naming the splits that are there
 */
export function splitFile(folder: string, split: string, ending: string, prefix = ''): string {
  const path = join(folder, `${prefix}${split}${ending}`);
  if (/^[\w.+-]+$/.test(split) && existsSync(path)) return path;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const splits = names
    .filter((name) => name.startsWith(prefix) && name.endsWith(ending))
    .map((name) => name.slice(prefix.length, name.length - ending.length));
  throw new MaskloomError('DATA_NOT_FOUND', `There is no split '${split}'.`, {
    where: folder,
    hint: suggest(split, splits),
  });
}
