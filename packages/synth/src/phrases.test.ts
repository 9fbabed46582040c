import { describe, expect, it } from 'vitest';
import { writeCaption } from './captions.js';
import { writeExpressions } from './expressions.js';
import { Prng } from '@maskloom/core';
import { makeScene, type Scene } from './scene.js';

// An evaluator of its own: it reads the words and the label map, and shares no code with the writer of the phrases.

interface Seen {
  readonly id: number;
  readonly words: ReadonlySet<string>;
  readonly x: number;
  readonly y: number;
}

const STUFF_IDS: Record<string, number> = { sky: 11, water: 12, grass: 13, sand: 14, snow: 15, rock: 16 };

function look(scene: Scene): Seen[] {
  return scene.things.map(({ id, shape, colour, texture, size }) => {
    let n = 0;
    let x = 0;
    let y = 0;
    scene.labels.forEach((label, p) => {
      if (label !== id) return;
      n++;
      x += p % scene.width;
      y += Math.floor(p / scene.width);
    });
    return { id, words: new Set([shape, colour, texture, size]), x: x / n, y: y / n };
  });
}

/** The things that all words of a noun phrase (without its article) are true of. */
function named(noun: string, things: Seen[]): Seen[] {
  const words = noun.split(' ');
  return things.filter((thing) => words.every((word) => thing.words.has(word)));
}

/** Ids that an expression is true of; `slack` widens what counts as lying in a direction. */
function evaluate(text: string, scene: Scene, things: Seen[], margin: number): number[] {
  const stuff = /^the (sky|water|grass|sand|snow|rock)$/.exec(text)?.[1];
  if (stuff !== undefined) return scene.labels.includes(STUFF_IDS[stuff] ?? 0) ? [STUFF_IDS[stuff] ?? 0] : [];
  const relation = /^the ([a-z ]+?) (left of|right of|above|below) the ([a-z ]+)$/.exec(text);
  if (relation === null) return named(text.replace(/^the /, ''), things).map((t) => t.id);
  const [, head = '', word = '', reference = ''] = relation;
  const references = named(reference, things);
  const beyond = (t: Seen, r: Seen): number =>
    word === 'left of'
      ? r.x - t.x
      : word === 'right of'
        ? t.x - r.x
        : word === 'above'
          ? r.y - t.y
          : t.y - r.y;
  return named(head, things)
    .filter((t) => references.some((r) => r !== t && beyond(t, r) > margin))
    .map((t) => t.id);
}

const SCENES = [
  ...Array.from({ length: 250 }, (_, i) => makeScene(4_000_000 + i, 128, 128)),
  ...Array.from({ length: 60 }, (_, i) => makeScene(4_100_000 + i, 160, 96)),
  ...Array.from({ length: 30 }, (_, i) => makeScene(4_200_000 + i, 72, 144)),
];

describe('referring expressions', () => {
  it('each true one singles out exactly its segment, whether near misses count or not', () => {
    let relations = 0;
    let needed = 0;
    for (const scene of SCENES) {
      const things = look(scene);
      for (const { segment, holding } of writeExpressions(new Prng(scene.seed, 1), scene)) {
        for (const { text, kind, needsRelation, reference } of holding) {
          const where = `${scene.seed}: ${text}`;
          expect(text, where).toMatch(/^the( [a-z]+)+$/);
          expect(evaluate(text, scene, things, 0.02), where).toEqual([segment]);
          expect(evaluate(text, scene, things, 7.97), where).toEqual([segment]);
          if (kind !== 'relation') continue;
          const [head = '', noun = ''] = text
            .replace(/^the /, '')
            .split(/ (?:left of|right of|above|below) the /);
          expect(
            named(noun, things).map((t) => t.id),
            where,
          ).toEqual([reference]);
          const rivals = named(head, things).filter((t) => t.id !== reference && t.id !== segment);
          expect(needsRelation, where).toBe(rivals.length > 0);
          // Never solvable by "not the reference" alone.
          if (rivals.length === 0)
            expect(
              named(head, things).some((t) => t.id === reference),
              where,
            ).toBe(false);
          relations++;
          if (needsRelation === true) needed++;
        }
      }
    }
    expect(relations).toBeGreaterThan(500);
    expect(needed / relations).toBeGreaterThan(0.25);
  });

  it('each false one fits nothing, and the true one beside it fits its segment', () => {
    const seen = { attribute: 0, relation: 0, stuff: 0 };
    for (const scene of SCENES) {
      const things = look(scene);
      for (const { segment, failing } of writeExpressions(new Prng(scene.seed, 1), scene)) {
        for (const { text, instead, kind } of failing) {
          seen[kind]++;
          expect(evaluate(text, scene, things, 0.02), `${scene.seed}: ${text}`).toEqual([]);
          expect(evaluate(instead, scene, things, 0.02), `${scene.seed}: ${instead}`).toEqual([segment]);
          if (kind === 'relation') {
            const head = text.replace(/^the /, '').split(/ (?:left|right|above|below)/)[0] ?? '';
            expect(named(head, things).length, text).toBeGreaterThan(0); // the relation is what is wrong
          }
        }
      }
    }
    expect(Math.min(seen.attribute, seen.relation, seen.stuff)).toBeGreaterThan(150);
  });

  it('says two to four attribute phrases where as many single the thing out', () => {
    for (const scene of SCENES.slice(0, 60)) {
      const things = look(scene);
      for (const { segment, holding } of writeExpressions(new Prng(scene.seed, 1), scene)) {
        if (segment > 10) continue;
        const found = holding.filter((e) => e.kind === 'attribute').map((e) => e.text);
        expect(new Set(found).size).toBe(found.length);
        expect(found.length).toBeLessThanOrEqual(4);
        const thing = scene.things.find((t) => t.id === segment);
        const full = `the ${thing?.size} ${thing?.texture} ${thing?.colour} ${thing?.shape}`;
        if (named(full.slice(4), things).length === 1) expect(found).toContain(full);
      }
    }
  });
});

describe('captions', () => {
  it('count what is there and answer every question rightly', () => {
    const numbers = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
    for (const scene of SCENES) {
      const things = look(scene);
      const { caption, counts, qa } = writeCaption(new Prng(scene.seed, 3), scene);
      expect(caption).toMatch(/^(a|an|two|three|four|five|six)( [a-z]+)+$/);
      for (const { noun, count } of counts) expect(named(noun, things).length, noun).toBe(count);
      for (const { question, answer } of qa) {
        const where = `${scene.seed}: ${question}`;
        const any = /^is there any ([a-z]+)\?$/.exec(question)?.[1];
        const one = /^is there an? ([a-z ]+)\?$/.exec(question)?.[1];
        const many = /^how many ([a-z]+?)(?:es|s) are there\?$/.exec(question)?.[1] ?? '';
        const about =
          /^(what colour is|what is the pattern of|how big is|what shape is) the ([a-z]+)(?: thing)?\?$/.exec(
            question,
          );
        if (any !== undefined)
          expect(answer, where).toBe(scene.labels.includes(STUFF_IDS[any] ?? 0) ? 'yes' : 'no');
        else if (one !== undefined) expect(answer, where).toBe(named(one, things).length > 0 ? 'yes' : 'no');
        else if (many === 'thing') expect(answer, where).toBe(numbers[things.length]);
        else if (about) {
          const fitting = named(about[2] ?? '', things);
          expect(fitting.length, where).toBe(1);
          expect(fitting[0]?.words.has(answer), where).toBe(true);
        } else {
          const shape =
            [...things.flatMap((t) => [...t.words])].find(
              (w) => `how many ${w}s are there?` === question || `how many ${w}es are there?` === question,
            ) ?? '';
          expect(answer, where).toBe(numbers[named(shape, things).length]);
        }
      }
    }
  });
});
