import { recipeId, type AnyRecipe, type Registry } from '@maskloom/core';
import { z } from 'zod';
import type { Models } from './models.js';

/** A recipe as the page lists it. */
export const systemSchema = z.object({
  id: z.string().describe('`system/recipe`'),
  summary: z.string(),
  tasks: z.array(z.string()),
  bundle: z.string().describe('name and version of the bundle that has its models'),
});

/** A recipe as the page lists it. */
export type SystemEntry = z.infer<typeof systemSchema>;

/** The recipes that can be asked: those whose models a bundle has. */
export function listSystems(registry: Registry, models: Models): readonly SystemEntry[] {
  const all = registry.systems().flatMap(({ recipes }) => recipes);
  return all.filter((recipe) => models.has(recipe)).map((recipe) => entryOf(recipe, models));
}

function entryOf(recipe: AnyRecipe, models: Models): SystemEntry {
  const { bundle } = models.bundleOf(recipe) ?? {};
  return {
    id: recipeId(recipe),
    summary: recipe.summary,
    tasks: [...recipe.tasks],
    bundle: `${bundle?.name ?? ''} ${bundle?.manifest.version ?? ''}`,
  };
}
