import type { HubBundleOptions } from '@maskloom/hub';
import {
  folderBundle,
  freeMemory,
  parseManifest,
  planMemory,
  sizeText,
  type MemoryPlan,
} from '@maskloom/runtime';
import { hubSource } from '../hub/hub-source.js';
import { formatTable } from '../terminal/table.js';
import { bundleFolder } from './find-bundle.js';

/** A bundle's memory plan and its name. */
export interface BundleMemory extends MemoryPlan {
  /** `name version`, as the manifest has them. */
  readonly bundle: string;
}

/**
 * Works out what a bundle's models will need, without opening or hashing them.
 * @param named - as `--bundle` takes it; a repository of a hub is fetched first, whatever it needs
 * @throws MaskloomError BUNDLE_NOT_FOUND, BUNDLE_INVALID, HUB_*, ABORTED
 */
export async function bundleMemory(
  named: string,
  signal: AbortSignal,
  options: HubBundleOptions = {},
): Promise<BundleMemory> {
  const source = hubSource(named, { ...options, memory: Infinity }) ?? folderBundle(bundleFolder(named));
  const manifest = parseManifest((await source.locate(signal)).manifest, named);
  return { bundle: `${manifest.name} ${manifest.version}`, ...planMemory(manifest, freeMemory()) };
}

/** The plan as tables: models, then recipes. */
export function describeMemory({ bundle, free, models, recipes }: BundleMemory, device: string): string {
  const fits = (yes: boolean): string => (yes ? 'yes' : 'NO');
  const rows = models.map(({ id, dtype, disk, open, run, imageTokens, fits: fit }) => [
    id,
    dtype,
    sizeText(disk),
    sizeText(open),
    sizeText(run),
    imageTokens === undefined ? '' : String(imageTokens),
    fits(fit),
  ]);
  const all = recipes.map(({ id, peak, fits: fit }) => [
    id,
    sizeText(peak.givenBack),
    sizeText(peak.kept),
    fits(fit),
  ]);
  return (
    `${bundle}: expected memory on the CPU; ${sizeText(free)} are free. --device auto takes ${device} here.\n\n` +
    formatTable(
      [['model', 'weights', 'disk', 'to open', 'to run', 'image tokens', 'fits'], ...rows],
      [2, 3, 4, 5],
    ) +
    `\n${formatTable([['recipe', 'calls give back', 'calls keep', 'fits'], ...all], [1, 2])}` +
    (models.every((model) => model.fits)
      ? ''
      : '\nWhat does not fit is refused when it is opened (MEMORY_FULL). Take a smaller form of the weights (q4), or more memory.\n')
  );
}
