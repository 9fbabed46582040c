import { weightsHash } from '@maskloom/eval';
import type { Bundle } from '@maskloom/runtime';
import { worldNote } from '../compare/known-world.js';

/** The weights that a recipe ran on. */
export interface UsedWeights {
  /** The bundle's name. */
  readonly bundle: string;
  /** The bundle's version. */
  readonly version: string;
  /** First 12 digits of the SHA-256 over the hashes of the recipe's model files, in the order of their roles' names. */
  readonly hash: string;
  /** What is to be said of pictures that the bundle's models know nothing of. */
  readonly worldNote?: string;
}

/**
 * Names the weights of a recipe.
 * @param recipe - `system/name` as the bundle has it
 * @throws MaskloomError BUNDLE_INVALID when the bundle has no such recipe
 */
export function usedWeights(bundle: Bundle, recipe: string): UsedWeights {
  const roles = Object.keys(bundle.recipe(recipe).models);
  const note = worldNote(bundle.manifest);
  return {
    bundle: bundle.name,
    version: bundle.manifest.version,
    hash: weightsHash(Object.fromEntries(roles.map((role) => [role, bundle.model(recipe, role).sha256]))),
    ...(note === undefined ? {} : { worldNote: note }),
  };
}

/** As shown: `tiny 0.1.0 (0123456789ab)`. */
export function describeWeights({ bundle, version, hash }: Omit<UsedWeights, 'worldNote'>): string {
  return `${bundle} ${version} (${hash})`;
}
