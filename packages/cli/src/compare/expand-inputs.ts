import { readdir, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, resolve } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { glob } from 'tinyglobby';

/** Endings that a folder's images are recognised by; a file named in full may have any. */
const IMAGE_ENDINGS: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.webp',
  '.avif',
  '.gif',
  '.tif',
  '.tiff',
]);

/** A path to try, or why an input gave none. */
export type ExpandedInput =
  { readonly path: string } | { readonly path: string; readonly error: MaskloomError };

/**
 * Turns files, folders and glob patterns into image paths, in the order given (a folder's and a pattern's sorted by
 * name), each once. A folder gives the images directly in it.
 * @param inputs - as given on the command line
 */
export async function expandInputs(inputs: readonly string[]): Promise<readonly ExpandedInput[]> {
  const seen = new Set<string>();
  const expanded: ExpandedInput[] = [];
  for (const input of inputs) {
    for (const one of await expand(input)) {
      const key = resolve(one.path);
      if (seen.has(key)) continue;
      seen.add(key);
      expanded.push(one);
    }
  }
  return expanded;
}

async function expand(input: string): Promise<readonly ExpandedInput[]> {
  const found = await stat(input).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const names = (await readdir(input, { withFileTypes: true }))
      .filter((entry) => !entry.isDirectory() && IMAGE_ENDINGS.has(extname(entry.name).toLowerCase()))
      .map((entry) => join(input, entry.name));
    return names.length > 0 ? sorted(names) : [nothing(input, 'The folder holds no image files.')];
  }
  if (found !== undefined || !/[*?[\]{}]/.test(input)) return [{ path: input }];
  const matches = await glob(input.replaceAll('\\', '/'), {
    onlyFiles: true,
    expandDirectories: false,
    absolute: isAbsolute(input),
  });
  return matches.length > 0 ? sorted(matches) : [nothing(input, 'No file matches the pattern.')];
}

function sorted(paths: readonly string[]): readonly ExpandedInput[] {
  return [...paths].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map((path) => ({ path }));
}

function nothing(input: string, message: string): ExpandedInput {
  const error = new MaskloomError('IMAGE_NOT_FOUND', message, {
    where: input,
    hint: `Name files, or a folder with ${[...IMAGE_ENDINGS].slice(0, 5).join(', ')} ... files in it.`,
  });
  return { path: input, error };
}
