import { join } from 'node:path';
import { throwIfAborted } from '../aborted.js';
import { Bundle } from './bundle.js';
import { bundleFiles } from './bundle-files.js';
import { checkShapes } from './check-shapes.js';
import { checkFile } from './file-hash.js';
import { HashMemory } from './hash-memory.js';
import { locateFile } from './locate-file.js';
import { parseManifest } from './parse-manifest.js';
import type { BundleSource } from './source.js';

/**
 * Opens a bundle after checking everything: manifest, paths, sizes, hashes, and that the models of
 * each recipe fit together. No model is opened.
 * @param source - e.g. `folderBundle(directory)`
 * @throws MaskloomError BUNDLE_NOT_FOUND, BUNDLE_INVALID, BUNDLE_VERSION, BUNDLE_PATH_ESCAPE,
 * BUNDLE_FILE_MISSING, BUNDLE_HASH_MISMATCH, BUNDLE_SHAPE_MISMATCH, each with the file and the field;
 * ABORTED.
 */
export async function openBundle(source: BundleSource, signal?: AbortSignal): Promise<Bundle> {
  throwIfAborted(signal);
  const { root, manifest: text, elsewhere } = await source.locate(signal);
  const manifest = parseManifest(text, join(root, 'bundle.json'));
  for (const recipe of Object.keys(manifest.recipes)) checkShapes(manifest, recipe);
  const paths = new Map<string, string>();
  // Every place first (cheap), then the contents.
  const files = bundleFiles(manifest);
  for (const { field, file } of files)
    paths.set(file.file, elsewhere?.get(file.file) ?? (await locateFile(root, file.file, `${field}.file`)));
  const memory = new HashMemory();
  for (const { field, file } of files) {
    throwIfAborted(signal);
    await checkFile(paths.get(file.file) as string, file, field, { memory });
  }
  return new Bundle(root, manifest, paths);
}
