import {
  createSpec,
  LabelMapper,
  MaskloomError,
  recipeId,
  suggest,
  type AnyRecipe,
  type AnyStageSpec,
  type Registry,
  type SlotName,
} from '@maskloom/core';
import type { MapperOverride, mapperRecipe, Overrides } from '@maskloom/eval';
import { z } from 'zod';

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
 * @param forced - put the answer that it was trained to give in its mouth, or the one that its options name; without it, no
 * option does
 */
export function forManyQuestions(recipe: AnyRecipe, registry: Registry, forced = false): AnyRecipe {
  const { LanguageModel, Assembler } = recipe.stages;
  const changed: Record<string, { readonly options: Record<string, unknown> }> = {};
  if (LanguageModel?.name === 'llava/language-model')
    changed['LanguageModel'] = {
      options: {
        keepImages: 1,
        forcedAnswer: forced ? (optionsOf(LanguageModel)['forcedAnswer'] ?? true) : undefined,
      },
    };
  if (Assembler?.name === 'sam/threshold-assembler') changed['Assembler'] = { options: { minArea: 0 } };
  return applyOverrides(recipe, { stages: changed as NonNullable<Overrides['stages']> }, registry);
}

/**
 * A recipe that asks by another of its weights' questions (READ's `short` and `long`); nothing where they have no such
 * question, or the recipe's own options say how it asks.
 * @param preset - reads the weights' preset of its language model
 */
export async function askingBy(
  question: string,
  recipe: AnyRecipe,
  preset: () => Promise<unknown>,
  registry: Registry,
): Promise<AnyRecipe | undefined> {
  const { LanguageModel } = recipe.stages;
  if (LanguageModel?.name !== 'llava/language-model') return undefined;
  const { question: own = 'task' } = optionsOf(LanguageModel);
  const { questions } = asked.parse(await preset());
  if (own !== 'task' || !Object.hasOwn(questions, question)) return undefined;
  return applyOverrides(recipe, { stages: { LanguageModel: { options: { question } } } }, registry);
}

/**
 * A row's label mapper as a stage.
 * @throws MaskloomError STAGE_UNKNOWN naming the nearest, SLOT_UNKNOWN when it is no mapper, OPTION_INVALID
 */
export function mapperStage(
  { stage, options = {} }: MapperOverride,
  registry: Registry,
): Parameters<typeof mapperRecipe>[0] {
  const factory = registry.stage(stage);
  if (factory.slot !== LabelMapper.name)
    throw new MaskloomError('SLOT_UNKNOWN', `${stage} maps no names to labels.`, {
      where: '--mapper',
      hint: 'Give a stage for the slot LabelMapper, e.g. rose/siglip-similarity.',
    });
  // Its slot says what it is; a registry knows its stages by name alone.
  return createSpec(factory, options) as unknown as Parameters<typeof mapperRecipe>[0];
}

const asked = z.object({ questions: z.record(z.string(), z.unknown()).default({}) });

function optionsOf({ options }: AnyStageSpec): Readonly<Record<string, unknown>> {
  return options as Readonly<Record<string, unknown>>;
}
