import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleDirectory, bundleVersion } from '@maskloom/bundle-tiny';
import { MaskloomError, suggest } from '@maskloom/core';
import type { HubBundleOptions } from '@maskloom/hub';
import { folderBundle, type BundleSource } from '@maskloom/runtime';
import { hubSource } from '../hub/hub-source.js';

/** A bundle that comes with the command. */
export interface EmbeddedBundle {
  /** The name that `--bundle` takes. */
  readonly name: string;
  /** The version of the package that holds it. */
  readonly version: string;
  /** Its folder. */
  readonly directory: string;
}

/** The bundles that come with the command; the first is the default. */
export function embeddedBundles(): readonly EmbeddedBundle[] {
  return [{ name: 'tiny', version: bundleVersion, directory: fileURLToPath(bundleDirectory) }];
}

/** The package with the weights of the ablation tables' other rows; no package depends on it. */
export const ROWS_PACKAGE = '@maskloom/bundle-ablations';

/** The folder of {@link ROWS_PACKAGE}'s bundle, installed in the project or beside the command; nothing when it is neither. */
export function rowsBundle(): string | undefined {
  for (const from of [pathToFileURL(join(process.cwd(), 'project.js')), import.meta.url]) {
    try {
      return join(dirname(createRequire(from).resolve(`${ROWS_PACKAGE}/package.json`)), 'bundle');
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/**
 * The folder of a bundle.
 * @param nameOrDirectory - an embedded bundle's name or a path; the default bundle when absent
 * @throws MaskloomError BUNDLE_NOT_FOUND naming the nearest
 */
export function bundleFolder(nameOrDirectory?: string): string {
  const embedded = embeddedBundles();
  const wanted = nameOrDirectory ?? embedded[0]?.name ?? '';
  const known = embedded.find((bundle) => bundle.name === wanted);
  if (known !== undefined) return known.directory;
  if (existsSync(wanted)) return wanted;
  throw new MaskloomError('BUNDLE_NOT_FOUND', `There is no bundle and no folder called '${wanted}'.`, {
    where: '--bundle',
    hint: suggest(
      wanted,
      embedded.map((bundle) => bundle.name),
    ),
  });
}

/**
 * Where the models of a bundle come from.
 * @param nameOrDirectory - an embedded bundle's name, a path, or a repository of a model hub (`hub:owner/name`,
 * `hub:owner/name@revision`, with `:dtype` behind it for another form of the weights); the default bundle when absent
 * @param hub - how a repository is fetched
 * @throws MaskloomError BUNDLE_NOT_FOUND naming the nearest
 */
export function findBundle(nameOrDirectory?: string, hub: HubBundleOptions = {}): BundleSource {
  return hubSource(nameOrDirectory, hub) ?? folderBundle(bundleFolder(nameOrDirectory));
}
