import { chooseNouns, falseNoun, nounWords, uniqueNouns, type Noun } from './nouns.js';
import type { Prng } from '@maskloom/core';
import { chooseRelations, findRelations, relationMargin, type RelationPhrase } from './relations.js';
import type { Scene } from './scene.js';
import { STUFF } from './vocabulary.js';

/** What a referring expression leans on. */
export type ExpressionKind = 'attribute' | 'relation' | 'stuff';

/** One referring expression; lower case, single spaces, no punctuation. */
export interface Expression {
  /** The words. */
  readonly text: string;
  /** What it leans on. */
  readonly kind: ExpressionKind;
  /** Relation phrases only: the head noun alone fits two or more things besides the reference. */
  readonly needsRelation?: boolean;
  /** Relation phrases only: segment id of the reference. */
  readonly reference?: number;
}

/** An expression that fits nothing in its scene, and the true one it was made from. */
export interface FalseExpression extends Expression {
  /** The true expression. */
  readonly instead: string;
}

/** The expressions about one segment. */
export interface SegmentExpressions {
  /** Segment id: 1..6 a thing, 11..16 stuff. */
  readonly segment: number;
  /** True ones; each fits this segment and no other. */
  readonly holding: readonly Expression[];
  /** False ones made from this segment; each fits nothing. */
  readonly failing: readonly FalseExpression[];
}

/** Writes the referring expressions, true and false, of every segment of a scene. */
export function writeExpressions(prng: Prng, scene: Scene): SegmentExpressions[] {
  const { things } = scene;
  const unique = new Map(things.map((thing) => [thing.id, uniqueNouns(thing, things)] as const));
  const relations = findRelations(prng, things, unique, relationMargin(scene.width, scene.height));
  const out: SegmentExpressions[] = [];
  for (const thing of things) {
    const nouns = chooseNouns(prng, unique.get(thing.id) ?? []);
    const mine = (phrase: RelationPhrase): boolean => phrase.target === thing;
    const related = chooseRelations(prng, relations.holding.filter(mine), 1, prng.chance(0.9) ? 1 : 0);
    const wrong = chooseRelations(prng, relations.failing.filter(mine), 1, 1);
    const holding: Expression[] = [...nouns.map(asAttribute), ...related.map(asRelation)];
    const truth = holding[0];
    if (truth === undefined) continue;
    const failing: FalseExpression[] = [];
    const sources = nouns.length > 2 ? [nouns[0], nouns[nouns.length - 1]] : nouns;
    for (const noun of sources) {
      const changed = noun && falseNoun(prng, noun, things);
      if (changed) failing.push({ ...asAttribute(changed), instead: `the ${nounWords(noun)}` });
    }
    const pick = prng.chance(0.5) ? wrong[0] : wrong[wrong.length - 1];
    if (pick)
      failing.push({
        ...asRelation(pick),
        instead: (holding.find((e) => e.kind === 'relation') ?? truth).text,
      });
    out.push({ segment: thing.id, holding, failing });
  }
  const absent = STUFF.filter((name) => !scene.drawnStuff.includes(name));
  for (const stuff of scene.stuff) {
    const text = `the ${stuff.name}`;
    const failing =
      absent.length === 0
        ? []
        : [{ text: `the ${prng.pick(absent)}`, kind: 'stuff' as const, instead: text }];
    out.push({ segment: stuff.id, holding: [{ text, kind: 'stuff' }], failing });
  }
  return out;
}

function asAttribute(noun: Noun): Expression {
  return { text: `the ${nounWords(noun)}`, kind: 'attribute' };
}

function asRelation(phrase: RelationPhrase): Expression {
  return {
    text: phrase.text,
    kind: 'relation',
    needsRelation: phrase.needsRelation,
    reference: phrase.reference.id,
  };
}
