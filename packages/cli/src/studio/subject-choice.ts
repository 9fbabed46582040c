import { MaskloomError, type Registry } from '@maskloom/core';
import type { Subject } from '@maskloom/eval';
import type { SystemChoice } from '@maskloom/studio';

/**
 * A recipe under test as the page asks it: with the same stages and options, and the same entry's weights. What is done to its
 * predictions afterwards (refinement, a mapper of names) is no part of it.
 * @returns nothing when there is no such recipe here
 */
export function choiceOf(subject: Subject | undefined, registry: Registry): SystemChoice | undefined {
  if (subject === undefined) return undefined;
  const { recipe: id, overrides } = subject;
  try {
    const recipe = registry.recipe(id);
    const own = recipe.stages as Readonly<
      Record<string, { readonly name: string; readonly options: unknown }>
    >;
    const stages = Object.entries(overrides.stages ?? {}).map(([slot, { stage, options = {} }]) => {
      const present = Object.hasOwn(own, slot) ? own[slot] : undefined;
      const name = stage ?? present?.name ?? '';
      const kept = name === present?.name ? (present.options as object) : {};
      return [slot, { stage: name, options: { ...kept, ...options } }] as const;
    });
    const { weights } = overrides;
    return {
      recipe: id,
      stages: Object.fromEntries(stages),
      ...(weights === undefined ? {} : { weights }),
    };
  } catch (error) {
    if (MaskloomError.is(error)) return undefined;
    throw error;
  }
}
