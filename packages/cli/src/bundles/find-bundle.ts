import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleDirectory, bundleVersion } from '@maskloom/bundle-tiny';
import { MaskloomError, suggest } from '@maskloom/core';
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

/**
 * The folder with the weights of the ablation tables' other rows: the package `@maskloom/bundle-ablations` where it is
 * installed, its place in a checkout of the project, or nothing. No package depends on it.
 */
export function rowsBundle(): string | undefined {
  const places = ['../../../bundle-ablations/bundle', '../../../@maskloom/bundle-ablations/bundle'];
  return places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((folder) => existsSync(`${folder}/bundle.json`));
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
 * @param nameOrDirectory - an embedded bundle's name, a path, or or a repository of a model hub
 * (`hub:owner/name`, `hub:owner/name@revision`, with `:dtype` behind it for another form of the weights); the default bundle when absent
 * @throws MaskloomError BUNDLE_NOT_FOUND naming the nearest
 */
export function findBundle(nameOrDirectory?: string): BundleSource {
  return hubSource(nameOrDirectory) ?? folderBundle(bundleFolder(nameOrDirectory));
}
