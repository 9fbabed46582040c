import { weightsHash } from '@maskloom/eval';
import type { Bundle } from '@maskloom/runtime';
import { worldNote } from '../compare/known-world.js';

/** The weights that a recipe ran on. */
export interface UsedWeights {
  /** The bundle's name; of several bundles their names, joined by ` + `. */
  readonly bundle: string;
  /** The bundle's version; of several likewise. */
  readonly version: string;
  /** First 12 digits of the SHA-256 over the hashes of the recipe's model files, in the order of their roles' names. */
  readonly hash: string;
  /** What is to be said of pictures that the bundle's models know nothing of. */
  readonly worldNote?: string;
}

/**
 * Names the weights of a recipe.
 * @param entries - `system/name` as bundles have it: the recipe's own, then those that its stages bring in
 * @param bundles - the first that has an entry gives it
 * @throws MaskloomError BUNDLE_INVALID when no bundle has one
 */
export function usedWeights(entries: readonly string[], bundles: readonly Bundle[]): UsedWeights {
  const models: Record<string, string> = {};
  const used = new Set<Bundle>();
  entries.forEach((entry, i) => {
    const bundle = bundles.find(({ recipes }) => recipes.includes(entry)) ?? (bundles[0] as Bundle);
    for (const role of Object.keys(bundle.recipe(entry).models))
      models[i === 0 ? role : `${entry} ${role}`] = bundle.model(entry, role).sha256;
    used.add(bundle);
  });
  const notes = [...new Set([...used].flatMap(({ manifest }) => worldNote(manifest) ?? []))];
  return {
    bundle: [...used].map(({ name }) => name).join(' + '),
    version: [...used].map(({ manifest }) => manifest.version).join(' + '),
    hash: weightsHash(models),
    ...(notes.length === 0 ? {} : { worldNote: notes.join(' ') }),
  };
}

/** As shown: `tiny 0.1.0 (0123456789ab)`. */
export function describeWeights({ bundle, version, hash }: Omit<UsedWeights, 'worldNote'>): string {
  return `${bundle} ${version} (${hash})`;
}
