import { mergeMasks, type RleMask } from '@maskloom/core';
import type { ReferringQuery } from '../data/exports.js';
import type { EvalScene, ScenePhrase } from '../runner/scenes/scene.js';

/** The region that a phrase means; `undefined` for a false premise. */
export function truthOf(scene: EvalScene, { targets, present }: ScenePhrase): RleMask | undefined {
  if (!present) return undefined;
  const masks = scene.segments.filter(({ id }) => targets.includes(id)).map(({ mask }) => mask);
  return masks.length === 0 ? undefined : mergeMasks(masks);
}

/** Phrases in the form that the referring measure's adapters take. */
export function asQueries(scene: EvalScene, phrases: readonly ScenePhrase[]): readonly ReferringQuery[] {
  return phrases.map((phrase, i) => {
    const target = phrase.targets[0] ?? -1;
    return {
      sentId: i,
      text: phrase.text,
      kind: phrase.kind,
      needsRelation: phrase.needsRelation,
      referenceAnnId: undefined,
      present: phrase.present,
      truth: undefined,
      annId: target,
      categoryId: scene.segments.find(({ id }) => id === target)?.categoryId ?? -1,
      mask: truthOf(scene, phrase),
    };
  });
}
