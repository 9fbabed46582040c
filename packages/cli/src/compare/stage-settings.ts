import { MaskloomError, suggest, type AnyRecipe, type Registry } from '@maskloom/core';
import type { Json, Overrides } from '@maskloom/eval';
import { applyOverrides } from '../evaluate/adapt-recipe.js';

/** For some slots another stage, options over those of the stage that is there, or both. */
export type StageSettings = NonNullable<Overrides['stages']>;

/**
 * Adds one setting of the command line to those before: `Slot.option=value` (JSON, or else text) or `Slot=package/stage`.
 * @throws MaskloomError OPTION_INVALID when it is of another form
 */
export function addStageSetting(text: string, before: StageSettings = {}): StageSettings {
  const [, slot, option, value = ''] = /^(\w+)(?:\.(\w+))?=(.*)$/s.exec(text) ?? [];
  if (slot === undefined) {
    throw new MaskloomError('OPTION_INVALID', `'${text}' is no setting.`, {
      where: '--set',
      hint: 'Write Slot.option=value, e.g. MaskSifter.suppression=masks, or Slot=package/stage.',
    });
  }
  const { [slot]: known = {} } = before;
  const changed =
    option === undefined
      ? { ...known, stage: value }
      : { ...known, options: { ...known.options, [option]: jsonOrText(value) } };
  return { ...before, [slot]: changed };
}

/**
 * Recipes with the settings of the slots that they have.
 * @throws MaskloomError SLOT_UNKNOWN when none has a slot, OPTION_INVALID, VALUE_INVALID naming the nearest
 */
export function withSettings(
  recipes: readonly AnyRecipe[],
  settings: StageSettings,
  registry: Registry,
): readonly AnyRecipe[] {
  const slots = new Set(recipes.flatMap(({ stages }) => Object.keys(stages)));
  const unknown = Object.keys(settings).find((slot) => !slots.has(slot));
  if (unknown !== undefined) {
    throw new MaskloomError('SLOT_UNKNOWN', `No chosen recipe has a slot '${unknown}'.`, {
      where: '--set',
      hint: suggest(unknown, slots),
    });
  }
  return recipes.map((recipe) => {
    const own = Object.entries(settings).filter(([slot]) => slot in recipe.stages);
    return own.length === 0 ? recipe : applyOverrides(recipe, { stages: Object.fromEntries(own) }, registry);
  });
}

/** The settings as they are shown: `Slot.option=value`. */
export function describeSettings(settings: StageSettings): readonly string[] {
  return Object.entries(settings).flatMap(([slot, { stage, options = {} }]) => [
    ...(stage === undefined ? [] : [`${slot}=${stage}`]),
    ...Object.entries(options).map(([name, value]) => `${slot}.${name}=${JSON.stringify(value)}`),
  ]);
}

function jsonOrText(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}
