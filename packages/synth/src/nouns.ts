import type { Prng } from '@maskloom/core';
import type { SceneThing } from './scene.js';
import { COLOURS, SHAPES, SIZES, TEXTURES, type Attributes } from './vocabulary.js';

/** A noun phrase about things: a shape with any of size, texture and colour before it. */
export type Noun = Pick<Attributes, 'shape'> & Partial<Omit<Attributes, 'shape'>>;

/** The words of a noun in the fixed order size, texture, colour, shape, without an article. */
export function nounWords(noun: Noun): string {
  let words = '';
  if (noun.size !== undefined) words += `${noun.size} `;
  if (noun.texture !== undefined) words += `${noun.texture} `;
  if (noun.colour !== undefined) words += `${noun.colour} `;
  return words + noun.shape;
}

/** Tells whether a noun fits a thing. */
export function nounFits(noun: Noun, thing: Attributes): boolean {
  return (
    noun.shape === thing.shape &&
    (noun.colour === undefined || noun.colour === thing.colour) &&
    (noun.texture === undefined || noun.texture === thing.texture) &&
    (noun.size === undefined || noun.size === thing.size)
  );
}

/** All eight nouns that fit a thing, those with fewer words first. */
export function nounsOf(thing: Attributes): Noun[] {
  const { shape, colour, texture, size } = thing;
  return [
    { shape },
    { shape, colour },
    { shape, texture },
    { shape, size },
    { shape, colour, texture },
    { shape, colour, size },
    { shape, texture, size },
    { shape, colour, texture, size },
  ];
}

/** The nouns that fit this thing and no other, those with fewer words first. */
export function uniqueNouns(thing: SceneThing, things: readonly SceneThing[]): Noun[] {
  return nounsOf(thing).filter((noun) => things.every((other) => other === thing || !nounFits(noun, other)));
}

/**
 * Two to four of a thing's unique nouns: a shortest one, the longest one and others between; fewer where the thing has
 * fewer, none where it has a twin.
 */
export function chooseNouns(prng: Prng, unique: readonly Noun[]): Noun[] {
  if (unique.length <= 2) return [...unique];
  const words = unique.map((noun) => Object.keys(noun).length);
  const shortest = unique.filter((_, i) => words[i] === words[0]);
  const first = prng.pick(shortest);
  const last = unique[unique.length - 1] as Noun;
  const rest = prng.shuffled(unique.filter((noun) => noun !== first && noun !== last));
  return [first, ...rest.slice(0, prng.int(3)), last];
}

/**
 * A noun that fits nothing: one attribute of a true noun replaced, or `undefined` when each try fits something.
 * @param noun - a noun that fits a thing of the scene
 */
export function falseNoun(prng: Prng, noun: Noun, things: readonly SceneThing[]): Noun | undefined {
  const keys = Object.keys(noun) as (keyof Noun)[];
  for (let attempt = 0; attempt < 4; attempt++) {
    const key = prng.pick(keys);
    const changed: Noun = { ...noun, [key]: otherValue(prng, key, noun) };
    if (!things.some((thing) => nounFits(changed, thing))) return changed;
  }
  return undefined;
}

function otherValue(prng: Prng, key: keyof Noun, noun: Noun): string {
  const values: Record<keyof Noun, readonly string[]> = {
    shape: SHAPES,
    colour: COLOURS,
    texture: TEXTURES,
    size: SIZES,
  };
  return prng.pick(values[key].filter((value) => value !== noun[key]));
}
