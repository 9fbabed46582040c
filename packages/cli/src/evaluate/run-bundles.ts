import { createHash } from 'node:crypto';
import { z } from 'zod';
import { openBundle, type Bundle, type BundleManifest } from '@maskloom/runtime';
import { isHubName } from '../hub/hub-source.js';
import { bundleFolder, embeddedBundles, findBundle, rowsBundle } from '../bundles/find-bundle.js';

/**
 * Where a run takes weights from, the first that has a recipe's weights gives them: the bundles asked for, in their order. When
 * none is, the bundle of ablation rows where it is installed (no package depends on it), then the embedded ones: rows of a
 * table are trained for equal steps, a recipe that is shipped may be trained for more.
 * @returns folders, and repositories of a model hub by their names
 * @throws MaskloomError BUNDLE_NOT_FOUND naming the nearest
 */
export function runBundles(asked: readonly string[] | undefined): readonly string[] {
  if (asked !== undefined && asked.length > 0)
    return asked.map((one) => (isHubName(one) ? one : bundleFolder(one)));
  const rows = rowsBundle();
  return [...(rows === undefined ? [] : [rows]), ...shippedBundles()];
}

/** The bundles that every recipe runs with when none is named: what a figure of "the recipe" is a figure of. */
export function shippedBundles(): readonly string[] {
  return embeddedBundles().map(({ directory }) => directory);
}

/** The bundles of a run, checked. */
export async function openBundles(
  folders: readonly string[],
  signal?: AbortSignal,
): Promise<readonly Bundle[]> {
  const bundles: Bundle[] = [];
  for (const folder of folders) bundles.push(await openBundle(findBundle(folder), signal));
  return bundles;
}

/** Invented classes that the weights have not seen: the first list that a bundle's `lmseg` preset gives. */
export function unseenClasses(bundles: readonly Bundle[]): readonly string[] {
  for (const { manifest } of bundles) {
    const found = lists.safeParse(manifest.presets['lmseg']);
    if (found.success) return found.data.heldOutClasses;
  }
  return [];
}

const lists = z.object({ heldOutClasses: z.array(z.string()) });

/** SHA-256 over what a recipe's results depend on beside its models: presets in force and tokenizer files. */
export function constantsHash(manifest: BundleManifest, entry: string): string {
  const { presets, tokenizer, recipes } = manifest;
  const text = JSON.stringify([
    sorted(presets),
    sorted(recipes[entry]?.presets ?? {}),
    (tokenizer?.files ?? []).map(({ file, sha256 }) => [file, sha256]),
  ]);
  return createHash('sha256').update(text).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
