import {
  compose,
  createSpec,
  MaskloomError,
  suggest,
  type AnyRecipe,
  type DeviceChoice,
  type Registry,
  type SlotName,
} from '@maskloom/core';
import { z } from 'zod';
import { deviceSchema } from './devices.js';
import { refuseFiles } from './file-options.js';

/** A recipe and the stages that are swapped in it, as the page and the API name them. */
export const choiceSchema = z.strictObject({
  recipe: z.string().max(200).describe('`system/recipe`'),
  stages: z
    .record(
      z.string().max(100),
      z.strictObject({
        stage: z.string().max(200).describe('`package/stage`'),
        options: z.record(z.string(), z.unknown()).optional().describe('its options; defaults when absent'),
      }),
    )
    .default({})
    .describe("stages in the place of the recipe's own, by slot"),
  device: deviceSchema.optional().describe("where it runs; the studio's own choice when absent"),
  weights: z
    .string()
    .max(200)
    .optional()
    .describe("the bundle's entry to take models of, in place of the recipe's"),
});

/** A stage in the place of a recipe's own. */
export interface StageChoice {
  /** `package/stage`. */
  readonly stage: string;
  /** Its options; defaults when absent. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** A recipe and the stages that are swapped in it. */
export interface SystemChoice {
  /** `system/recipe`. */
  readonly recipe: string;
  /** Stages in the place of the recipe's own, by slot. */
  readonly stages: Readonly<Record<string, StageChoice>>;
  /** Where it runs; the studio's own choice when absent. */
  readonly device?: DeviceChoice | undefined;
  /** The bundle's entry to take models of, in place of the recipe's. */
  readonly weights?: string | undefined;
}

/**
 * The recipe of a choice with the chosen stages in place, checked against its wiring.
 * @throws MaskloomError ACCESS_DENIED when an option names a file, SYSTEM_UNKNOWN, RECIPE_UNKNOWN, SLOT_UNKNOWN, STAGE_MISMATCH, VALUE_INVALID, OPTION_INVALID
 */
export function chosenRecipe(registry: Registry, { recipe: id, stages, weights }: SystemChoice): AnyRecipe {
  const own = registry.recipe(id);
  const recipe = weights === undefined ? own : { ...own, bundleRecipe: weights };
  let builder = compose(recipe);
  for (const [name, { stage, options }] of Object.entries(stages)) {
    const slot = registry.slots().find((one) => one.name === name);
    if (slot === undefined)
      throw new MaskloomError('SLOT_UNKNOWN', `There is no slot '${name}'.`, {
        where: id,
        hint: suggest(name, Object.keys(recipe.wiring)),
      });
    const factory = registry.stage(stage, slot);
    refuseFiles(factory, options);
    builder = builder.with(slot as { readonly name: SlotName }, createSpec(factory, options));
  }
  builder.check();
  return builder.recipe;
}

/** A choice's name: equal for equal recipes with equal stages, wherever they run. */
export function nameOf({ recipe, stages, weights }: SystemChoice): string {
  return JSON.stringify([recipe, stages, weights]);
}
