import { recipeId, type AnyRecipe } from '@maskloom/core';

/**
 * The bundles' entries that a recipe takes models from: its own, and of those that its stages bring in the first that is there.
 * @param available - ids of the entries that the bundles have
 * @returns `undefined` when one is nowhere
 */
export function recipeEntries(
  recipe: AnyRecipe,
  available: readonly string[],
): readonly string[] | undefined {
  const wanted = [[recipe.bundleRecipe ?? recipeId(recipe)], ...(recipe.alsoUses ?? [])];
  const found = wanted.map((ids) => ids.find((id) => available.includes(id)));
  return found.every((id) => id !== undefined) ? found : undefined;
}
