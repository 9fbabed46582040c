import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { MaskloomError } from '@maskloom/core';

/** A file of the page. */
export interface PageFile {
  /** Its bytes. */
  readonly content: Buffer;
  /** Its media type. */
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The built page, a few files, read whole: no path of a request ever reaches the file system.
 * @param folder - what `vite build` made
 * @returns files by their path below the folder, with `/`
 * @throws MaskloomError DATA_NOT_FOUND when the page was not built
 */
export async function readPage(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, ''), {
      content: await readFile(path),
      type,
    });
  }
  if (files.has('index.html')) return files;
  throw new MaskloomError('DATA_NOT_FOUND', "The studio's page was not built.", {
    where: folder,
    hint: 'Run npm run build.',
  });
}
