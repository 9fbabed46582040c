import {
  compose,
  createSpec,
  MaskloomError,
  slotsInOrder,
  type AnyRecipe,
  type AnyStageFactory,
  type Registry,
  type SlotName,
} from '@maskloom/core';
import { z } from 'zod';
import { optionsSchema } from './options-schema.js';

const choiceEntry = z.object({
  stage: z.string(),
  summary: z.string(),
  misfit: z.string().optional().describe('why it cannot fill the slot of this recipe; absent when it can'),
  options: z.unknown().describe('JSON schema of its options'),
});

/** A slot of a recipe, its stage and those that could stand there. */
export const slotSchema = z.object({
  slot: z.string(),
  summary: z.string(),
  stage: z.string().describe("the recipe's own"),
  options: z.unknown().describe("the options of the recipe's own stage"),
  choices: z.array(choiceEntry),
});

/** A slot of a recipe, its stage and those that could stand there. */
export type SlotEntry = z.infer<typeof slotSchema>;

/** The slots of a recipe in the order of flow, each with every registered stage of it: those that do not fit say why. */
export function slotsOf(registry: Registry, recipe: AnyRecipe): readonly SlotEntry[] {
  return slotsInOrder(Object.values(recipe.stages)).flatMap((slot) => {
    const own = recipe.stages[slot.name];
    if (own === undefined) return [];
    return {
      slot: slot.name,
      summary: slot.summary,
      stage: own.name,
      options: JSON.parse(JSON.stringify(own.options)) as unknown,
      choices: registry.stages(slot).map((factory) => ({
        stage: factory.stageName,
        summary: factory.summary,
        ...misfitOf(recipe, slot, factory),
        options: optionsSchema(factory),
      })),
    };
  });
}

function misfitOf(
  recipe: AnyRecipe,
  slot: { readonly name: SlotName },
  factory: AnyStageFactory,
): { readonly misfit?: string } {
  try {
    compose(recipe).with(slot, createSpec(factory)).check();
    return {};
  } catch (error) {
    // Options that must be given say nothing about whether it fits.
    if (!MaskloomError.is(error) || error.code === 'OPTION_INVALID') return {};
    return { misfit: error.message };
  }
}
