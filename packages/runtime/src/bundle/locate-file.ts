import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MaskloomError } from '@maskloom/core';

/**
 * The real path of a file that a manifest names.
 * @param root - the bundle's folder, as a real path
 * @param file - the name as the manifest has it
 * @param field - the manifest field, for messages
 * @throws MaskloomError BUNDLE_PATH_ESCAPE when the name or a symbolic link leads out of the folder;
 * BUNDLE_FILE_MISSING when nothing is there.
 */
export async function locateFile(root: string, file: string, field: string): Promise<string> {
  const named = resolve(root, file);
  if (isAbsolute(file) || file.includes('\\') || file.includes('\0') || !inside(root, named))
    throw escape(file, field);
  const real = await realpath(named).catch((cause: unknown) => {
    throw new MaskloomError('BUNDLE_FILE_MISSING', `the bundle has no file '${file}'`, {
      where: field,
      hint: 'The bundle is incomplete; fetch or export it again.',
      cause,
    });
  });
  if (!inside(root, real)) throw escape(file, field);
  return real;
}

function inside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function escape(file: string, field: string): MaskloomError {
  return new MaskloomError('BUNDLE_PATH_ESCAPE', `the path '${file}' leads out of the bundle's folder`, {
    where: field,
    hint: 'A bundle may only name files inside its own folder.',
  });
}
