import type { SceneSegment, SceneSetHead } from '../runner/scenes/scene.js';

/** Names that pixels are told apart by, and the name of each true region. */
export interface ClassSystem {
  /** In the order of their indices. */
  readonly classes: readonly string[];
  /** Index of a region's class; -1 where it has none: its pixels do not count. */
  indexOf(segment: SceneSegment): number;
}

/** The categories of the set. */
export function listedClasses({ categories }: SceneSetHead): ClassSystem {
  const place = new Map(categories.map(({ id }, i) => [id, i]));
  return {
    classes: categories.map(({ name }) => name),
    indexOf: ({ categoryId }) => place.get(categoryId) ?? -1,
  };
}

/**
 * The synthetic world's invented classes, known by colour, texture and shape together, and its stuff. Things of no
 * invented class do not count.
 */
export function inventedClasses(head: SceneSetHead): ClassSystem {
  const stuff = head.categories.filter(({ isThing }) => !isThing);
  const classes = [...(head.invented?.classes ?? []), ...stuff.map(({ name }) => name)];
  const place = new Map(classes.map((name, i) => [name, i]));
  const nameOf = new Map(stuff.map(({ id, name }) => [id, name]));
  return {
    classes,
    indexOf: ({ invented, categoryId }) => place.get(invented ?? nameOf.get(categoryId) ?? '') ?? -1,
  };
}
