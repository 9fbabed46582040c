import { recipeId, slotsInOrder, type AnyRecipe, type Registry, type Task } from '@maskloom/core';
import { recipeEntries } from './bundles/recipe-entries.js';
import type { WeightsHolder } from './bundles/weights.js';
import { createDefaultRegistry } from './default-registry.js';

/** A recipe as lists show it. */
export interface RecipeSummary {
  /** `system/name`. */
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
  /** Tasks it can do. */
  readonly tasks: readonly Task[];
  /** The stage that fills each of its slots, of whatever package, in the order of flow. */
  readonly stages: Readonly<Record<string, string>>;
  /** Names of the bundles that have its models here; empty when none has, or when none is needed. */
  readonly weights: readonly string[];
}

/** A system as lists show it. */
export interface SystemSummary {
  /** The system's name. */
  readonly system: string;
  /** The plugin that brings it. */
  readonly plugin: string;
  /** Its recipes; the first is what the system's name alone stands for in `segment`. */
  readonly recipes: readonly RecipeSummary[];
}

/**
 * Every system with its recipes and their stages.
 * @param registry - the registered plugins; those of the command when absent
 * @param holders - the bundles that are here
 */
export function listSystems(
  registry: Registry = createDefaultRegistry(),
  holders: readonly WeightsHolder[] = [],
): readonly SystemSummary[] {
  const weightsOf = (recipe: AnyRecipe): readonly string[] =>
    holders.filter(({ recipes }) => recipeEntries(recipe, recipes) !== undefined).map(({ bundle }) => bundle);
  return registry.systems().map(({ system, plugin, recipes }) => ({
    system,
    plugin,
    recipes: recipes.map((recipe) => ({
      id: recipeId(recipe),
      summary: recipe.summary,
      tasks: recipe.tasks,
      stages: stageNames(recipe),
      weights: weightsOf(recipe),
    })),
  }));
}

function stageNames({ stages }: AnyRecipe): Readonly<Record<string, string>> {
  const order = slotsInOrder(Object.values(stages));
  return Object.fromEntries(
    order.flatMap(({ name }) => {
      const spec = stages[name];
      return spec === undefined ? [] : [[name, spec.name]];
    }),
  );
}
