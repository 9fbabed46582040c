import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { MaskloomError } from '@maskloom/core';

/**
 * The path of a file that a manifest names, as named: links stay unresolved, because ONNX Runtime looks for the weights
 * beside a graph under the graph's own path.
 * @param root - the bundle's folder, as a real path
 * @param file - the name as the manifest has it
 * @param field - the manifest field, for messages
 * @throws MaskloomError BUNDLE_PATH_ESCAPE when the name or a symbolic link leads out of the folder (a snapshot of a hub
 * cache may link to its own repository's blobs, or to those that the cache shares between repositories);
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
  if (![root, ...blobFolders(root)].some((folder) => inside(folder, real))) throw escape(file, field);
  return named;
}

/** Where the files of `models--owner--name/snapshots/commit` may really lie: `models--owner--name/blobs` and `blobs`. */
function blobFolders(root: string): readonly string[] {
  if (basename(dirname(root)) !== 'snapshots') return [];
  const repository = dirname(dirname(root));
  return [join(repository, 'blobs'), join(dirname(repository), 'blobs')];
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
