import { MaskloomError, type Registry, type SlotName } from '@maskloom/core';
import type { Subject } from '@maskloom/eval';
import type { SystemChoice } from '@maskloom/studio';
import { applyOverrides } from '../evaluate/adapt-recipe.js';

/**
 * A recipe under test as the page asks it: with the same stages and options, and the same entry's weights. What is done to its
 * predictions afterwards (refinement, a mapper of names) is no part of it.
 * @returns nothing when there is no such recipe here
 */
export function choiceOf(subject: Subject | undefined, registry: Registry): SystemChoice | undefined {
  if (subject === undefined) return undefined;
  const { recipe: id, overrides } = subject;
  try {
    const { stages } = applyOverrides(registry.recipe(id), overrides, registry);
    const changed = Object.keys(overrides.stages ?? {}).map((slot) => {
      const { name = '', options } = stages[slot as SlotName] ?? {};
      return [slot, { stage: name, options: { ...(options as object) } }] as const;
    });
    const { weights } = overrides;
    return {
      recipe: id,
      stages: Object.fromEntries(changed),
      ...(weights === undefined ? {} : { weights }),
    };
  } catch (error) {
    if (MaskloomError.is(error)) return undefined;
    throw error;
  }
}
