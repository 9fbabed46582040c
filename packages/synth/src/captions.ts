import { nounFits, nounWords, type Noun } from './nouns.js';
import type { Prng } from '@maskloom/core';
import type { Scene, SceneThing } from './scene.js';
import { COLOURS, SHAPES, STUFF, type Attributes } from './vocabulary.js';

/** A question about the whole picture with a one-word answer. */
export interface QuestionAnswer {
  /** Ends with a question mark. */
  readonly question: string;
  /** One word; counts in words. */
  readonly answer: string;
}

/** How many things a noun fits. */
export interface NounCount {
  /** In the singular, without an article. */
  readonly noun: string;
  /** 0 to 6. */
  readonly count: number;
}

/** What is said about a whole scene, for the language model's base stage. */
export interface SceneCaption {
  /** Things and stuff in one phrase. */
  readonly caption: string;
  /** How many things a noun fits; zero counts included. */
  readonly counts: readonly NounCount[];
  /** Questions about presence, counts and attributes. */
  readonly qa: readonly QuestionAnswer[];
}

const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'] as const;

/** Number word of a count 0..6. */
export function numberWord(count: number): string {
  return NUMBERS[count] ?? String(count);
}

/** The plural of a noun phrase: only its last word, a shape, changes. */
export function plural(words: string): string {
  return /(cross)$/.test(words) ? `${words}es` : `${words}s`;
}

/** Writes a caption, counts and questions for a scene. */
export function writeCaption(prng: Prng, scene: Scene): SceneCaption {
  return { caption: caption(prng, scene), counts: counts(prng, scene), qa: questions(prng, scene) };
}

function caption(prng: Prng, scene: Scene): string {
  const detail = prng.int(3);
  const groups = new Map<string, number>();
  for (const { shape, colour, texture, size } of scene.things) {
    const noun: Noun =
      detail === 0 ? { shape } : detail === 1 ? { shape, colour } : { shape, colour, texture, size };
    const words = nounWords(noun);
    groups.set(words, (groups.get(words) ?? 0) + 1);
  }
  const things = [...groups].map(([words, n]) =>
    n === 1 ? `${article(words)} ${words}` : `${numberWord(n)} ${plural(words)}`,
  );
  return `${things.join(' and ')} on ${scene.stuff.map((s) => s.name).join(' and ')}`;
}

function article(words: string): string {
  return words.startsWith('orange') ? 'an' : 'a';
}

function counts(prng: Prng, scene: Scene): SceneCaption['counts'] {
  const nouns = new Map<string, Noun>();
  for (const { shape, colour, texture } of prng.shuffled(scene.things).slice(0, 2)) {
    for (const noun of [{ shape }, prng.chance(0.5) ? { shape, colour } : { shape, texture }] as Noun[])
      nouns.set(nounWords(noun), noun);
  }
  const extra: Noun = prng.chance(0.5)
    ? { shape: prng.pick(SHAPES) }
    : { shape: prng.pick(SHAPES), colour: prng.pick(COLOURS) };
  nouns.set(nounWords(extra), extra);
  return [...nouns].map(([noun, n]) => ({ noun, count: fitting(n, scene).length }));
}

function questions(prng: Prng, scene: Scene): QuestionAnswer[] {
  const out: QuestionAnswer[] = [];
  const ask = (question: string, answer: string): void => void out.push({ question, answer });
  const thing = prng.pick(scene.things);
  const present: Noun = prng.chance(0.5)
    ? { shape: thing.shape }
    : { shape: thing.shape, colour: thing.colour };
  const random: Noun = {
    shape: prng.pick(SHAPES),
    colour: prng.chance(0.5) ? thing.colour : prng.pick(COLOURS),
  };
  for (const noun of [present, random]) {
    const words = nounWords(noun);
    ask(`is there ${article(words)} ${words}?`, fitting(noun, scene).length > 0 ? 'yes' : 'no');
  }
  const stuff =
    prng.chance(0.5) && scene.stuff.length > 0
      ? prng.pick(scene.stuff).name
      : prng.pick(STUFF.filter((s) => !scene.drawnStuff.includes(s)));
  ask(`is there any ${stuff}?`, scene.stuff.some((s) => s.name === stuff) ? 'yes' : 'no');
  ask(
    `how many ${plural(thing.shape)} are there?`,
    numberWord(fitting({ shape: thing.shape }, scene).length),
  );
  ask('how many things are there?', numberWord(scene.things.length));
  const alone = (key: keyof Attributes): boolean =>
    scene.things.every((other) => other === thing || other[key] !== thing[key]);
  if (alone('shape')) {
    ask(`what colour is the ${thing.shape}?`, thing.colour);
    ask(`what is the pattern of the ${thing.shape}?`, thing.texture);
    ask(`how big is the ${thing.shape}?`, thing.size);
  }
  if (alone('colour')) ask(`what shape is the ${thing.colour} thing?`, thing.shape);
  return out;
}

function fitting(noun: Noun, scene: Scene): SceneThing[] {
  return scene.things.filter((thing) => nounFits(noun, thing));
}
