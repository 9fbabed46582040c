import { MaskloomError } from '@maskloom/core';
import type { HubBundleOptions } from '@maskloom/hub';
import { openBundle, type Bundle, type BundleSource } from '@maskloom/runtime';
import { findBundle } from './find-bundle.js';

/** A bundle that was checked, and where it comes from. */
export interface OpenedBundle {
  /** As it was named. */
  readonly named: string;
  /** Where its models are opened from. */
  readonly source: BundleSource;
  /** Its manifest and files. */
  readonly bundle: Bundle;
}

/**
 * Opens (and so checks) bundles, in the order given.
 * @param named - one or several, as `findBundle` takes them; the default bundle when absent
 * @param told - told of downloads and of what a bundle cannot do
 * @throws MaskloomError BUNDLE_*, HUB_*, OPTION_INVALID when two of them have one name: their results could not be told apart
 */
export async function openBundles(
  named: string | readonly string[] | undefined,
  signal: AbortSignal,
  told: Pick<HubBundleOptions, 'onProgress' | 'onWarning'> = {},
): Promise<readonly OpenedBundle[]> {
  const asked = named === undefined ? [undefined] : [named].flat();
  const opened: OpenedBundle[] = [];
  for (const one of asked.length === 0 ? [undefined] : [...new Set(asked)]) {
    const source = findBundle(one, told);
    const bundle = await openBundle(source, signal);
    if (opened.some((other) => other.bundle.name === bundle.name)) {
      throw new MaskloomError('OPTION_INVALID', `Two of the bundles are called '${bundle.name}'.`, {
        where: `--bundle ${one ?? ''}`,
        hint: 'Give one of them another name in its bundle.json, or run them one after the other.',
      });
    }
    opened.push({ named: one ?? bundle.name, source, bundle });
  }
  return opened;
}
