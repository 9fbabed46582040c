import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MaskloomError } from '@maskloom/core';

/** A bundle's folder on this machine and its manifest's text, before any check. */
export interface LocatedBundle {
  /** Real path of the folder. */
  readonly root: string;
  /** Text of `bundle.json`. */
  readonly manifest: string;
  /**
   * Absolute paths of files that lie elsewhere, by their names in the manifest: graphs that a source made from those of
   * the folder and keeps in a cache of its own.
   */
  readonly elsewhere?: ReadonlyMap<string, string>;
}

/** Where a bundle comes from. Other sources implement this by bringing the folder here. */
export interface BundleSource {
  /** For messages. */
  readonly description: string;
  /**
   * Finds the folder and reads the manifest.
   * @throws MaskloomError BUNDLE_NOT_FOUND, ABORTED.
   */
  locate(signal?: AbortSignal): Promise<LocatedBundle>;
}

/**
 * A bundle in a folder of this machine; the embedded bundle is one too.
 * @param directory - path or `file:` URL of the folder that has `bundle.json`
 */
export function folderBundle(directory: string | URL): BundleSource {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory;
  return { description: path, locate: (signal) => locateFolder(path, signal) };
}

async function locateFolder(path: string, signal: AbortSignal | undefined): Promise<LocatedBundle> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw notFound(path, 'there is no such folder');
  if (!found.isDirectory()) throw notFound(path, 'this is not a folder');
  const root = await realpath(path);
  try {
    const manifest = await readFile(join(root, 'bundle.json'), {
      encoding: 'utf8',
      ...(signal && { signal }),
    });
    return { root, manifest };
  } catch (cause) {
    if (signal?.aborted === true)
      throw new MaskloomError('ABORTED', 'opening the bundle was aborted', { cause: signal.reason });
    throw notFound(path, 'it has no readable bundle.json', cause);
  }
}

function notFound(where: string, what: string, cause?: unknown): MaskloomError {
  return new MaskloomError('BUNDLE_NOT_FOUND', `no bundle: ${what}`, {
    where,
    hint: 'Give the folder that has bundle.json.',
    cause,
  });
}
