import { mergeMasks, type RleMask } from '@maskloom/core';
import type { ReferringQuery } from '@maskloom/data';
import type { ScoredQuery } from '@maskloom/metrics';
import type { EvalSwitches } from './protocol.js';
import type { EvalScene, ScenePhrase } from '../runner/scenes/scene.js';

/** The region that a phrase means; `undefined` for a false premise. */
export function truthOf(scene: EvalScene, { targets, present, mask }: ScenePhrase): RleMask | undefined {
  if (!present || mask !== undefined) return present ? mask : undefined;
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

/** Scored queries of phrases whose truth has polygons or ignored pixels of its own: those take the truth's place. */
export function withParts(
  queries: readonly ScoredQuery[],
  phrases: readonly ScenePhrase[],
  { summedPolygons }: Pick<EvalSwitches, 'summedPolygons'>,
): readonly ScoredQuery[] {
  const byMask = new Map(
    phrases.flatMap((phrase) => (phrase.mask === undefined ? [] : [[phrase.mask, phrase] as const])),
  );
  return queries.map((query) => {
    const { truth } = query;
    const phrase = truth !== undefined && 'counts' in truth ? byMask.get(truth) : undefined;
    if (phrase === undefined) return query;
    return {
      ...query,
      ...(summedPolygons && phrase.parts !== undefined ? { truth: phrase.parts } : {}),
      ...(phrase.ignore === undefined ? {} : { ignore: phrase.ignore }),
    };
  });
}
