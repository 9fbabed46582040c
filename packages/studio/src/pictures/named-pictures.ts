import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { createHash } from 'node:crypto';
import { isBelow } from './confined.js';
import type { StudioExample } from './example.js';

/** A picture that the command line named, by itself or by its folder. */
export interface NamedPicture {
  /** Stable while the file stays where it is. */
  readonly id: string;
  /** Its path as it is shown: relative to the folder that was named. */
  readonly name: string;
  /** Where it is, links resolved. */
  readonly path: string;
  /** What is to be asked about it, and what is true. */
  readonly example?: StudioExample;
}

/** Examples as pictures; each is listed as often as something is asked about it. */
export async function examplePictures(examples: readonly StudioExample[]): Promise<readonly NamedPicture[]> {
  return Promise.all(
    examples.map(async (example, i) => ({
      ...named(example.name, await realpath(example.path), `example ${i}`),
      example,
    })),
  );
}

const ENDINGS = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']);

/** Pictures listed of one folder; a larger one is cut. */
const MOST = 5000;

/**
 * The pictures of files and folders, in order. Links that lead out of a named folder are left out: nothing else on the disk can
 * be reached through it.
 * @param inputs - files and folders
 */
export async function namedPictures(inputs: readonly string[]): Promise<readonly NamedPicture[]> {
  const found: NamedPicture[] = [];
  for (const input of inputs) {
    const root = await realpath(input);
    if (!(await stat(root)).isDirectory()) found.push(named(basename(input), root));
    else found.push(...(await ofFolder(root)));
  }
  return found.filter(({ id }, i) => found.findIndex((other) => other.id === id) === i);
}

async function ofFolder(root: string): Promise<readonly NamedPicture[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const pictures: NamedPicture[] = [];
  for (const entry of entries) {
    if (!ENDINGS.has(extname(entry.name).toLowerCase()) || pictures.length >= MOST) continue;
    const path = join(entry.parentPath, entry.name);
    if (!(await isBelow(path, [root]))) continue;
    pictures.push(named(relative(root, path).replaceAll(sep, '/'), await realpath(path)));
  }
  return pictures.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function named(name: string, path: string, role = ''): NamedPicture {
  return { id: createHash('sha256').update(`${role}${path}`).digest('hex').slice(0, 24), name, path };
}
