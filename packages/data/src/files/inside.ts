import { isAbsolute, join, normalize, sep } from 'node:path';
import { dataInvalid } from './validate.js';

/**
 * Joins a name taken from a data file to its folder.
 * @param root - the folder that the name must stay in
 * @param name - a relative path with `/` or the platform's separator
 * @param file - the file the name comes from, for the error
 * @param field - the field the name comes from, for the error
 * @throws MaskloomError `DATA_INVALID` when the name is empty, absolute, holds a NUL or leaves the folder
 */
export function inside(root: string, name: string, file: string, field: string): string {
  const clean = normalize(name.replaceAll('\\', '/'));
  const leaves = clean === '..' || clean.startsWith(`..${sep}`) || clean.startsWith('../');
  if (name === '' || name.includes('\0') || isAbsolute(clean) || /^[a-zA-Z]:/.test(name) || leaves) {
    throw dataInvalid(file, field, `the path ${JSON.stringify(name)} does not stay inside its folder`);
  }
  return join(root, clean);
}
