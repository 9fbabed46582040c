import {
  compose,
  recipeId,
  type AnyRecipe,
  type DeviceChoice,
  type Pipeline,
  type Task,
} from '@maskloom/core';
import { writerOf } from '@maskloom/lmseg';
import { onnx } from '@maskloom/runtime';
import { openBundles, type OpenedBundle } from '../bundles/open-bundles.js';
import { recipeEntries } from '../bundles/recipe-entries.js';
import { usedWeights, type UsedWeights } from '../bundles/used-weights.js';
import { createDefaultRegistry } from '../default-registry.js';
import type { CompareOptions, Wording } from './options.js';
import { selectRecipes } from './select-recipes.js';
import { withSettings } from './stage-settings.js';

/** Pipelines over one source of models, and what to dispose of in the end. */
export interface BuiltPipelines extends AsyncDisposable {
  readonly pipelines: readonly Pipeline[];
  readonly recipes: readonly AnyRecipe[];
  /** Why better devices were passed over, so far. */
  readonly warnings: readonly string[];
  /** The first bundle's name and version. */
  readonly bundle: { readonly name: string; readonly version: string };
  /** The weights of each recipe, by its id. */
  readonly weights: ReadonlyMap<string, UsedWeights>;
}

/** What is needed to build pipelines. */
export type PipelineChoice = Pick<
  CompareOptions,
  'systems' | 'bundle' | 'registry' | 'settings' | 'onFetch' | 'onWarning'
> & {
  readonly device: DeviceChoice;
  /** The task, or tasks of which a recipe must do one; `referring` when absent. */
  readonly task?: Task | readonly Task[];
  /** Changes a chosen recipe's stages before it is built. */
  readonly adapt?: (recipe: AnyRecipe) => AnyRecipe;
};

/**
 * Chooses recipes and builds them on one source of models, so that they share sessions and features. The first
 * bundle that has a recipe's weights gives it.
 * @throws MaskloomError those of the choice, the bundle, the device, and of `build()`
 */
export async function buildPipelines(choice: PipelineChoice, signal: AbortSignal): Promise<BuiltPipelines> {
  const { device, onWarning, task = 'referring', systems } = choice;
  const bundles = await openBundles(choice.bundle, signal, {
    ...(choice.onFetch && { onProgress: choice.onFetch }),
    ...(onWarning && { onWarning }),
  });
  const available = [...new Set(bundles.flatMap(({ bundle }) => bundle.recipes))];
  const registry = choice.registry ?? createDefaultRegistry();
  const chosen = selectRecipes(registry, {
    task,
    available,
    ...(systems && { systems }),
  });
  const recipes = withSettings(chosen, choice.settings ?? {}, registry);
  for (const name of systems ?? []) {
    if (name !== 'all' && !recipes.some((recipe) => recipe.system === name || recipeId(recipe) === name))
      onWarning?.(`${name} was left out: it cannot do the task '${[task].flat().join("' or '")}'.`);
  }
  const models = onnx({
    bundle: bundles.map(({ source }) => source),
    device,
    ...(onWarning && { onWarning }),
  });
  const weights = new Map<string, UsedWeights>();
  const pipelines: Pipeline[] = [];
  const dispose = async (): Promise<void> => {
    for (const pipeline of pipelines.toReversed()) await pipeline.dispose();
    await models.dispose();
  };
  try {
    for (const recipe of recipes) {
      const entries = recipeEntries(recipe, available) ?? [];
      weights.set(
        recipeId(recipe),
        usedWeights(
          entries,
          bundles.map(({ bundle }) => bundle),
        ),
      );
      pipelines.push(
        await compose(choice.adapt?.(recipe) ?? recipe)
          .on(models)
          .build({ signal }),
      );
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    pipelines,
    recipes,
    get warnings() {
      return models.warnings;
    },
    bundle: nameOf(bundles[0] as OpenedBundle),
    weights,
    [Symbol.asyncDispose]: dispose,
  };
}

function nameOf({ bundle }: OpenedBundle): { readonly name: string; readonly version: string } {
  return { name: bundle.name, version: bundle.manifest.version };
}

/** A recipe with its descriptions written in another way; one that writes none stays as it is. */
export function reworded(recipe: AnyRecipe, wording: Wording | undefined): AnyRecipe {
  if (wording === undefined || recipe.wiring.PromptWriter === undefined) return recipe;
  const PromptWriter = writerOf(wording.prompts, wording.descriptions);
  return { ...recipe, stages: { ...recipe.stages, PromptWriter } };
}

/** Column heads of a report over these recipes. */
export function columnsOf(
  recipes: readonly AnyRecipe[],
): { readonly id: string; readonly summary: string }[] {
  return recipes.map((recipe) => ({ id: recipeId(recipe), summary: recipe.summary }));
}
