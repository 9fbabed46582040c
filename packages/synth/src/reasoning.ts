import type { Prng } from '@maskloom/core';
import type { Scene, SceneThing } from './scene.js';
import { relationMargin } from './relations.js';
import type { StuffName } from './vocabulary.js';

/** A question with one right answer in its scene. */
export interface ReasoningQuestion {
  /** Two wordings of the same kind. */
  readonly text: readonly string[];
  /** False for noun phrases ("the thing that could roll away"), true for whole questions. */
  readonly isSentence: boolean;
  /** Segment id of the answer. */
  readonly segment: number;
}

interface Topic {
  readonly phrases: readonly [string, string];
  readonly questions: readonly [string, string];
  readonly fits: (thing: SceneThing) => boolean;
}

function topic(
  phrases: readonly [string, string],
  questions: readonly [string, string],
  fits: Topic['fits'],
): Topic {
  return { phrases, questions, fits };
}

const TOPICS: readonly Topic[] = [
  topic(
    ['the thing that could roll away', 'the thing that would make a wheel'],
    ['which one could roll down a hill?', 'which one would roll away if you pushed it?'],
    (t) => t.shape === 'circle' || t.shape === 'ring',
  ),
  topic(
    ['the thing with five points', 'the thing that has more than four tips'],
    ['which one has five points?', 'which one has the most tips?'],
    (t) => t.shape === 'star',
  ),
  topic(
    ['the thing with exactly three corners', 'the thing that looks like a slice of pizza'],
    ['which one has exactly three corners?', 'which one has the outline of a tent?'],
    (t) => t.shape === 'triangle',
  ),
  topic(
    ['the thing with a hole in the middle', 'the thing that looks like a doughnut'],
    ['which one can you look through?', 'which one could you wear on a finger?'],
    (t) => t.shape === 'ring',
  ),
  topic(
    ['the thing that looks like the new moon', 'the thing with the outline of a banana'],
    ['which one has the outline of a young moon?', 'which one is bent like a banana?'],
    (t) => t.shape === 'crescent',
  ),
  topic(
    ['the thing that stands for adding', 'the thing that looks like a plus sign'],
    ['which one looks like the sign for adding numbers?', 'which one would mark a first aid box?'],
    (t) => t.shape === 'cross',
  ),
  topic(
    ['the thing with four sides of equal length', 'the thing with exactly four corners'],
    ['which one has four sides of equal length?', 'which one has exactly four corners?'],
    (t) => t.shape === 'square' || t.shape === 'diamond',
  ),
  topic(
    ['the thing with the outline of a coin', 'the thing that is round without a hole'],
    ['which one is round all over and has no hole?', 'which one has the outline of a full moon?'],
    (t) => t.shape === 'circle',
  ),
  topic(
    ['the thing with the colour of a ripe tomato', 'the thing with the colour of blood'],
    ['which one has the colour of a ripe tomato?', 'which one has the colour of a fire engine?'],
    (t) => t.colour === 'red',
  ),
  topic(
    ['the thing with the colour of a carrot', 'the thing with the colour of a pumpkin'],
    ['which one has the colour of a carrot?', 'which one has the colour of a pumpkin?'],
    (t) => t.colour === 'orange',
  ),
  topic(
    ['the thing with the colour of a lemon', 'the thing with the colour of the sun in a drawing'],
    ['which one has the colour of a lemon?', 'which one has the colour of a canary?'],
    (t) => t.colour === 'yellow',
  ),
  topic(
    ['the thing with the colour of fresh leaves', 'the thing with the colour of a frog'],
    ['which one has the colour of fresh leaves?', 'which one has the colour of a frog?'],
    (t) => t.colour === 'green',
  ),
  topic(
    ['the thing with the colour of a blueberry', 'the thing with the colour of a deep ocean'],
    ['which one has the colour of a blueberry?', 'which one has the colour of a sapphire?'],
    (t) => t.colour === 'blue',
  ),
  topic(
    ['the thing with the colour of an eggplant', 'the thing with the colour of a violet'],
    ['which one has the colour of an eggplant?', 'which one has the colour of a violet?'],
    (t) => t.colour === 'purple',
  ),
  topic(
    ['the thing with the colour of a flamingo', 'the thing with the colour of bubble gum'],
    ['which one has the colour of a flamingo?', 'which one has the colour of bubble gum?'],
    (t) => t.colour === 'pink',
  ),
  topic(
    ['the thing with the colour of chocolate', 'the thing with the colour of a bear'],
    ['which one has the colour of chocolate?', 'which one has the colour of coffee?'],
    (t) => t.colour === 'brown',
  ),
  topic(
    ['the thing with a coat like a zebra', 'the thing marked like a crosswalk'],
    ['which one has a coat like a zebra?', 'which one is marked like a crosswalk?'],
    (t) => t.texture === 'striped',
  ),
  topic(
    ['the thing with spots like a ladybird', 'the thing with a coat like a leopard'],
    ['which one has spots like a ladybird?', 'which one has a coat like a leopard?'],
    (t) => t.texture === 'dotted',
  ),
  topic(
    ['the thing without any marks on it', 'the thing with nothing drawn on its surface'],
    ['which one has no marks on its surface?', 'which one is of a single colour all over?'],
    (t) => t.texture === 'plain',
  ),
];

const STUFF_TOPICS: Readonly<Record<StuffName, Pick<Topic, 'phrases' | 'questions'>>> = {
  sky: {
    phrases: ['the place where birds fly', 'the place where clouds are found'],
    questions: ['where would a bird fly?', 'where would you look for clouds?'],
  },
  water: {
    phrases: ['the place where a boat could float', 'the place where fish live'],
    questions: ['where could a boat float?', 'where would fish live?'],
  },
  grass: {
    phrases: ['the place where a cow would graze', 'the place that needs mowing'],
    questions: ['where would a cow find food?', 'what would you have to mow?'],
  },
  sand: {
    phrases: ['the place to build a castle with a bucket', 'the place where a camel feels at home'],
    questions: ['where could a child build a castle with a bucket?', 'where would a camel feel at home?'],
  },
  snow: {
    phrases: ['the place to build a snowman', 'the place to ski'],
    questions: ['where could you build a snowman?', 'where would you go skiing?'],
  },
  rock: {
    phrases: ['the place for a mountain climber', 'the hardest ground'],
    questions: ['where would a mountain climber go?', 'what is the hardest ground here?'],
  },
};

/** Writes up to two reasoning questions, each with exactly one fitting segment. */
export function writeQuestions(prng: Prng, scene: Scene): ReasoningQuestion[] {
  const found: [Pick<Topic, 'phrases' | 'questions'>, number][] = [];
  if (scene.things.length > 1) {
    for (const one of TOPICS) {
      const fitting = scene.things.filter(one.fits);
      if (fitting.length === 1 && fitting[0]) found.push([one, fitting[0].id]);
    }
    found.push(...comparisons(scene));
  }
  const chosen = prng.shuffled(found).slice(0, prng.chance(0.6) ? 2 : 1);
  const stuff =
    scene.stuff.length > 0 && (chosen.length < 1 || prng.chance(0.3)) ? prng.pick(scene.stuff) : undefined;
  if (stuff) chosen.splice(0, 1, [STUFF_TOPICS[stuff.name], stuff.id]);
  return chosen.map(([wording, segment]) => {
    const isSentence = prng.chance(0.5);
    return { text: prng.shuffled(isSentence ? wording.questions : wording.phrases), isSentence, segment };
  });
}

/** Superlatives of area and place, only where the winner wins clearly. */
function comparisons(scene: Scene): [Pick<Topic, 'phrases' | 'questions'>, number][] {
  const margin = relationMargin(scene.width, scene.height);
  const found: [Pick<Topic, 'phrases' | 'questions'>, number][] = [];
  const add = (
    phrases: [string, string],
    questions: [string, string],
    wins: (a: SceneThing, b: SceneThing) => boolean,
  ): void => {
    const best = scene.things.find((a) => scene.things.every((b) => a === b || wins(a, b)));
    if (best) found.push([{ phrases, questions }, best.id]);
  };
  add(
    ['the thing that takes up the most space', 'the biggest of all the things'],
    ['which one would need the biggest box?', 'which one takes up the most space?'],
    (a, b) => a.size === 'large' && b.size !== 'large' && a.area > 1.3 * b.area,
  );
  add(
    ['the thing that takes up the least space', 'the smallest of all the things'],
    ['which one would fit into the smallest box?', 'which one takes up the least space?'],
    (a, b) => a.size === 'small' && b.size !== 'small' && 1.3 * a.area < b.area,
  );
  add(
    ['the highest of all the things', 'the thing nearest to the top'],
    ['which one is the highest?', 'which one would fall the farthest?'],
    (a, b) =>
      a.centre[1] <= b.centre[1] - margin &&
      a.bbox[1] < b.bbox[1] &&
      a.bbox[1] + a.bbox[3] < b.bbox[1] + b.bbox[3],
  );
  add(
    ['the lowest of all the things', 'the thing nearest to the bottom'],
    ['which one is the lowest?', 'which one would hit the floor first?'],
    (a, b) =>
      a.centre[1] >= b.centre[1] + margin &&
      a.bbox[1] > b.bbox[1] &&
      a.bbox[1] + a.bbox[3] > b.bbox[1] + b.bbox[3],
  );
  return found;
}
