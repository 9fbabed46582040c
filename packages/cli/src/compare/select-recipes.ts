import { MaskloomError, recipeId, suggest, type AnyRecipe, type Registry, type Task } from '@maskloom/core';
import { recipeEntries } from '../bundles/recipe-entries.js';

/** What a choice of recipes depends on. */
export interface RecipeChoice {
  /** Systems (`read`), recipes (`read/full`) or `all`; `all` when absent or empty. */
  readonly systems?: readonly string[];
  /** The task that every chosen recipe must be able to do, or tasks of which it must do one. */
  readonly task: Task | readonly Task[];
  /** Ids of the recipes that the bundle has models for, in its order. */
  readonly available: readonly string[];
}

/**
 * The recipes to run. A system stands for all its recipes that have models of their own in the bundle and can do the
 * task; a recipe named in full must be one that the bundle has. Each comes once, in the order asked for.
 * @throws MaskloomError SYSTEM_UNKNOWN, RECIPE_UNKNOWN, TASK_UNSUPPORTED, BUNDLE_INVALID when the bundle lacks it
 */
export function selectRecipes(registry: Registry, choice: RecipeChoice): readonly AnyRecipe[] {
  const asked = choice.systems === undefined || choice.systems.length === 0 ? ['all'] : choice.systems;
  const chosen = new Map<string, AnyRecipe>();
  for (const name of asked) {
    for (const recipe of resolve(registry, name, choice)) chosen.set(recipeId(recipe), recipe);
  }
  if (chosen.size > 0) return [...chosen.values()];
  const known = candidates(registry, choice.available);
  const own = known.filter((recipe) => asked.includes(recipe.system));
  const wanted = asList(choice.task);
  throw new MaskloomError(
    'TASK_UNSUPPORTED',
    `None of the chosen systems can do the task '${wanted.join("' or '")}' with this bundle.`,
    {
      where: '--task',
      hint: suggest(
        wanted[0] ?? '',
        new Set((own.length === 0 ? known : own).flatMap((recipe) => recipe.tasks)),
      ),
    },
  );
}

function resolve(registry: Registry, name: string, { task, available }: RecipeChoice): readonly AnyRecipe[] {
  const known = candidates(registry, available);
  const wanted = asList(task);
  const able = known.filter((recipe) => wanted.some((one) => recipe.tasks.includes(one)));
  const own = able.filter((one) => !isVariant(one));
  if (name === 'all') return own;
  const recipe = registry.recipe(name);
  if (!name.includes('/')) return own.filter((one) => one.system === recipe.system);
  if (!known.includes(recipe)) {
    const missing = (recipe.alsoUses ?? []).filter((ids) => !ids.some((id) => available.includes(id)));
    throw new MaskloomError('BUNDLE_INVALID', `The bundle has no models for the recipe '${name}'.`, {
      where: '--systems',
      hint:
        missing.length > 0 && available.includes(recipe.bundleRecipe ?? name)
          ? `It also needs models of ${missing.map((ids) => ids.join(' or ')).join(', and of ')}: name a second --bundle that has them.`
          : suggest(name, known.map(recipeId)),
    });
  }
  if (!able.includes(recipe)) {
    throw new MaskloomError('TASK_UNSUPPORTED', `${name} cannot do the task '${wanted.join("' or '")}'.`, {
      where: '--task',
      hint: suggest(wanted[0] ?? '', recipe.tasks),
    });
  }
  return [recipe];
}

/** A second look at another recipe of its system, through the same models: it runs only when it is named in full. */
function isVariant({ system, bundleRecipe }: AnyRecipe): boolean {
  return bundleRecipe?.startsWith(`${system}/`) === true;
}

function asList(task: Task | readonly Task[]): readonly Task[] {
  return typeof task === 'string' ? [task] : task;
}

/** Registered recipes whose models the bundle has, in the bundle's order. */
function candidates(registry: Registry, available: readonly string[]): readonly AnyRecipe[] {
  const all = registry.systems().flatMap((system) => system.recipes);
  const place = (recipe: AnyRecipe): number => available.indexOf(recipeEntries(recipe, available)?.[0] ?? '');
  return all.filter((recipe) => place(recipe) >= 0).sort((a, b) => place(a) - place(b));
}
