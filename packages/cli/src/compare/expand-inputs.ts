import type { Dirent } from 'node:fs';
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

/** Told of files of a folder that are no images. */
export type OnSkipped = (path: string, reason: string) => void;

/** A path to try, or why an input gave none. */
export type ExpandedInput =
  { readonly path: string } | { readonly path: string; readonly error: MaskloomError };

/**
 * Turns files, folders and glob patterns into image paths, in the order given (a folder's and a pattern's sorted by
 * name), each once. A folder gives the images directly in it.
 * @param inputs - as given on the command line
 */
export async function expandInputs(
  inputs: readonly string[],
  onSkipped: OnSkipped = () => undefined,
): Promise<readonly ExpandedInput[]> {
  const seen = new Set<string>();
  const expanded: ExpandedInput[] = [];
  for (const input of inputs) {
    for (const one of await expand(input, onSkipped)) {
      const key = resolve(one.path);
      if (seen.has(key)) continue;
      seen.add(key);
      expanded.push(one);
    }
  }
  return expanded;
}

async function expand(input: string, onSkipped: OnSkipped): Promise<readonly ExpandedInput[]> {
  const found = await stat(input).catch(() => undefined);
  if (found?.isDirectory() === true) {
    const names: string[] = [];
    for (const entry of await readdir(input, { withFileTypes: true })) {
      const path = join(input, entry.name);
      const why = whySkipped(entry);
      if (why === undefined) names.push(path);
      else onSkipped(path, why);
    }
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

/** Why an entry of a folder is not taken. */
function whySkipped(entry: Dirent): string | undefined {
  if (entry.isDirectory()) return 'a folder: only the images directly in the folder named are taken';
  // macOS writes them beside the real ones on foreign disks.
  if (entry.name.startsWith('._')) return "a file of macOS that holds another file's attributes";
  return IMAGE_ENDINGS.has(extname(entry.name).toLowerCase()) ? undefined : 'not an image by its ending';
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
