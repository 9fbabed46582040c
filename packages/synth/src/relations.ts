import { nounFits, nounsOf, nounWords, type Noun } from './nouns.js';
import type { Prng } from '@maskloom/core';
import type { SceneThing } from './scene.js';

/** The four relations, in words; by the centres of the visible pixels in image coordinates. */
export const RELATIONS = ['left of', 'right of', 'above', 'below'] as const;
/** A relation's words. */
export type Relation = (typeof RELATIONS)[number];

/** A phrase like "the star above the red ring". */
export interface RelationPhrase {
  readonly head: Noun;
  readonly relation: Relation;
  readonly reference: SceneThing;
  readonly text: string;
  /** The thing it means; for a false phrase, the thing that its head noun fits best. */
  readonly target: SceneThing;
  /** True when the head noun fits two or more things besides the reference. */
  readonly needsRelation: boolean;
}

/** How far a thing lies in a direction from another, in pixels; negative on the other side. */
export function offset(relation: Relation, thing: SceneThing, reference: SceneThing): number {
  const dx = thing.centre[0] - reference.centre[0];
  const dy = thing.centre[1] - reference.centre[1];
  return relation === 'right of' ? dx : relation === 'left of' ? -dx : relation === 'below' ? dy : -dy;
}

/** The margin in pixels from which a relation counts as holding: 8, more in scenes larger than 128 pixels. */
export function relationMargin(width: number, height: number): number {
  return Math.max(8, (8 * Math.min(width, height)) / 128);
}

/** All relation phrases of a scene that could be said. */
export interface RelationPhrases {
  /** Each singles out its target: it lies clearly there, and no rival lies there even by a little. */
  readonly holding: readonly RelationPhrase[];
  /** Each fits nothing: all that the head noun fits lie on the other side or level, the target clearly so. */
  readonly failing: readonly RelationPhrase[];
}

/**
 * Finds the relation phrases of a scene. The reference is named by one of its unique nouns. Heads that fit only the
 * target and the reference are left out: "not the reference" would be enough to solve them.
 * @param unique - each thing's unique nouns, by thing id
 */
export function findRelations(
  prng: Prng,
  things: readonly SceneThing[],
  unique: ReadonlyMap<number, readonly Noun[]>,
  margin: number,
): RelationPhrases {
  const holding: RelationPhrase[] = [];
  const failing: RelationPhrase[] = [];
  for (const reference of things) {
    const names = (unique.get(reference.id) ?? []).filter(
      (noun, _, all) => Object.keys(noun).length <= 3 || all.length === 1,
    );
    if (names.length === 0) continue;
    for (const target of things) {
      if (target === reference) continue;
      for (const head of nounsOf(target).slice(0, 7)) {
        const fitting = things.filter((thing) => thing !== reference && nounFits(head, thing));
        if (fitting.length === 1 && nounFits(head, reference)) continue;
        for (const relation of RELATIONS) {
          const distance = offset(relation, target, reference);
          if (distance < margin && distance > -margin) continue;
          const others = fitting.every(
            (thing) => thing === target || offset(relation, thing, reference) <= 0,
          );
          if (!others) continue;
          const text = `the ${nounWords(head)} ${relation} the ${nounWords(prng.pick(names))}`;
          const phrase = { head, relation, reference, target, text, needsRelation: fitting.length > 1 };
          (distance > 0 ? holding : failing).push(phrase);
        }
      }
    }
  }
  return { holding, failing };
}

/**
 * Chooses up to `count` phrases, as many of them in need of the relation as there are, in different directions first.
 */
export function chooseRelations(
  prng: Prng,
  phrases: readonly RelationPhrase[],
  needed: number,
  easy: number,
): RelationPhrase[] {
  const order = prng.shuffled(phrases);
  const chosen: RelationPhrase[] = [];
  const take = (need: boolean, count: number): void => {
    const used = new Set<string>();
    for (const phrase of order) {
      if (count === 0) return;
      const key = `${phrase.relation} ${phrase.reference.id}`;
      if (phrase.needsRelation !== need || used.has(key)) continue;
      used.add(key);
      chosen.push(phrase);
      count--;
    }
  };
  take(true, needed);
  take(false, easy);
  return chosen;
}
