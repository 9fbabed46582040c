import {
  compose,
  recipeId,
  type AnyRecipe,
  type DeviceChoice,
  type Pipeline,
  type Task,
} from '@maskloom/core';
import { writerOf } from '@maskloom/lmseg';
import { onnx, openBundle } from '@maskloom/runtime';
import { findBundle } from '../bundles/find-bundle.js';
import { createDefaultRegistry } from '../default-registry.js';
import { worldNote } from './known-world.js';
import type { CompareOptions, Wording } from './options.js';
import { selectRecipes } from './select-recipes.js';

/** Pipelines over one source of models, and what to dispose of in the end. */
export interface BuiltPipelines extends AsyncDisposable {
  readonly pipelines: readonly Pipeline[];
  readonly recipes: readonly AnyRecipe[];
  /** Why better devices were passed over, so far. */
  readonly warnings: readonly string[];
  /** The bundle's name and version. */
  readonly bundle: { readonly name: string; readonly version: string };
  /** What is to be said of pictures that the bundle's models know nothing of. */
  readonly worldNote: string | undefined;
}

/** What is needed to build pipelines. */
export type PipelineChoice = Pick<CompareOptions, 'systems' | 'bundle' | 'registry' | 'onWarning'> & {
  readonly device: DeviceChoice;
  /** The task, or tasks of which a recipe must do one; `referring` when absent. */
  readonly task?: Task | readonly Task[];
  /** Changes a chosen recipe's stages before it is built. */
  readonly adapt?: (recipe: AnyRecipe) => AnyRecipe;
};

/**
 * Chooses recipes and builds them on one source of models, so that they share sessions and features.
 * @throws MaskloomError those of the choice, the bundle, the device, and of `build()`
 */
export async function buildPipelines(choice: PipelineChoice, signal: AbortSignal): Promise<BuiltPipelines> {
  const { device, onWarning, task = 'referring', systems } = choice;
  const source = findBundle(choice.bundle);
  const { manifest, recipes: available } = await openBundle(source, signal);
  const recipes = selectRecipes(choice.registry ?? createDefaultRegistry(), {
    task,
    available,
    ...(systems && { systems }),
  });
  for (const name of systems ?? []) {
    if (name !== 'all' && !recipes.some((recipe) => recipe.system === name || recipeId(recipe) === name))
      onWarning?.(`${name} was left out: it cannot do the task '${[task].flat().join("' or '")}'.`);
  }
  const models = onnx({ bundle: source, device, ...(onWarning && { onWarning }) });
  const pipelines: Pipeline[] = [];
  const dispose = async (): Promise<void> => {
    for (const pipeline of pipelines.toReversed()) await pipeline.dispose();
    await models.dispose();
  };
  try {
    for (const recipe of recipes)
      pipelines.push(
        await compose(choice.adapt?.(recipe) ?? recipe)
          .on(models)
          .build({ signal }),
      );
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    pipelines,
    recipes,
    warnings: models.warnings,
    bundle: { name: manifest.name, version: manifest.version },
    worldNote: worldNote(manifest),
    [Symbol.asyncDispose]: dispose,
  };
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
