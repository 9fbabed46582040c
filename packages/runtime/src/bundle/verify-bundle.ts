import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import type { ErrorCode } from '@maskloom/core';
import { bundleFiles } from './bundle-files.js';
import { checkShapes } from './check-shapes.js';
import { checkFile } from './file-hash.js';
import { locateFile } from './locate-file.js';
import type { BundleManifest } from './manifest.js';
import { parseManifest } from './parse-manifest.js';
import { folderBundle } from './source.js';

/** One thing that is wrong with a bundle. */
export interface BundleFinding {
  /** The code of the error that opening the bundle would throw. */
  readonly code: ErrorCode;
  /** File and field. */
  readonly where: string;
  /** That error's message. */
  readonly message: string;
}

/**
 * Checks a bundle as `openBundle` does, but goes on after the first fault and reports all of them.
 * @param directory - path or `file:` URL of the bundle's folder
 * @returns what is wrong; empty when the bundle is sound
 */
export async function verifyBundle(directory: string | URL): Promise<readonly BundleFinding[]> {
  const findings: BundleFinding[] = [];
  const attempt = async <T>(check: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await check();
    } catch (cause) {
      if (!MaskloomError.is(cause)) throw cause;
      findings.push({ code: cause.code, where: cause.where ?? String(directory), message: cause.message });
      return undefined;
    }
  };
  const located = await attempt(() => folderBundle(directory).locate());
  if (located === undefined) return findings;
  const manifest = await attempt(() => parseManifest(located.manifest, join(located.root, 'bundle.json')));
  if (manifest === undefined) return findings;
  for (const recipe of Object.keys(manifest.recipes)) await attempt(() => checkShapes(manifest, recipe));
  await checkFiles(located.root, manifest, attempt);
  return distinct(findings);
}

type Attempt = <T>(check: () => T | Promise<T>) => Promise<T | undefined>;

async function checkFiles(root: string, manifest: BundleManifest, attempt: Attempt): Promise<void> {
  for (const { field, file } of bundleFiles(manifest)) {
    const path = await attempt(() => locateFile(root, file.file, `${field}.file`));
    if (path !== undefined) await attempt(() => checkFile(path, file, field, { anew: true }));
  }
}

/** Recipes that share models find the same faults. */
function distinct(findings: readonly BundleFinding[]): readonly BundleFinding[] {
  const seen = new Map(
    findings.map((finding) => [`${finding.code} ${finding.where} ${finding.message}`, finding]),
  );
  return [...seen.values()];
}
