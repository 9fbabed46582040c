import {
  createSpec,
  MaskloomError,
  recipeId,
  suggest,
  type AnyRecipe,
  type AnyStageSpec,
  type Registry,
  type SlotName,
} from '@maskloom/core';
import type { Overrides } from '@maskloom/eval';

/**
 * A recipe with an ablation's changes: options over those of its stages, other stages by name, other weights.
 * @throws MaskloomError SLOT_UNKNOWN, OPTION_INVALID, VALUE_INVALID naming the nearest
 */
export function applyOverrides(recipe: AnyRecipe, overrides: Overrides, registry: Registry): AnyRecipe {
  const stages: Partial<Record<SlotName, AnyStageSpec>> = { ...recipe.stages } as Partial<
    Record<SlotName, AnyStageSpec>
  >;
  for (const [slot, { stage, options }] of Object.entries(overrides.stages ?? {})) {
    const present = stages[slot as SlotName];
    if (present === undefined)
      throw new MaskloomError('SLOT_UNKNOWN', `${recipeId(recipe)} has no slot '${slot}' to change.`, {
        where: recipeId(recipe),
        hint: suggest(slot, Object.keys(stages)),
      });
    const kept = stage === undefined || stage === present.name ? present.options : {};
    stages[slot as SlotName] = createSpec(registry.stage(stage ?? present.name), { ...kept, ...options });
  }
  const bundleRecipe = overrides.weights ?? recipe.bundleRecipe;
  return {
    ...recipe,
    stages: stages as AnyRecipe['stages'],
    ...(bundleRecipe === undefined ? {} : { bundleRecipe }),
  };
}

/**
 * A recipe for many questions about one image: its language model reads an image once for all of them, and empty masks
 * stay, so that a mask keeps its place and a refusal is the system's own.
 * @param forced - put the right answer in its mouth
 */
export function forManyQuestions(recipe: AnyRecipe, registry: Registry, forced = false): AnyRecipe {
  const { LanguageModel, Assembler } = recipe.stages;
  const changed: Record<string, { readonly options: Record<string, unknown> }> = {};
  if (LanguageModel?.name === 'llava/language-model')
    changed['LanguageModel'] = {
      options: { keepImages: 1, ...(forced ? { forcedAnswer: true } : {}) },
    };
  if (Assembler?.name === 'sam/threshold-assembler') changed['Assembler'] = { options: { minArea: 0 } };
  return applyOverrides(recipe, { stages: changed as NonNullable<Overrides['stages']> }, registry);
}
