import type { BuildContext } from '@maskloom/core';
import type { Describer, DescriptionSource } from '../source.js';
import type { DescribedBy } from '../variants.js';
import { worldOf, type World } from './world.js';

/** Colour and material of the synthetic world's background regions, in words. */
const LOOKS: Readonly<Record<string, readonly [colour: string, material: string]>> = {
  sky: ['pale blue', 'smooth'],
  water: ['dark blue', 'rippled'],
  grass: ['dull green', 'bladed'],
  sand: ['pale yellow', 'grainy'],
  snow: ['white', 'soft'],
  rock: ['grey', 'rough'],
};

/**
 * The synthetic world's own describer: the sentences that the embedded models were trained with. An invented class is
 * told by its attributes, a shape by what may vary about it, a background region by its looks.
 * @param world - the world's words (`VOCABULARY` of @maskloom/synth, or the block of a `synth.json`); the bundle's own
 * when absent
 */
export function syntheticDescriber(world?: World): DescriptionSource {
  return {
    name: 'the synthetic world',
    open: ({ models }: BuildContext): Describer => {
      const words = world ?? worldOf(models);
      return {
        describe: async (names, by) =>
          names.map((name) => (words === undefined ? undefined : sentences(name, by, words))),
      };
    },
  };
}

function sentences(name: string, by: DescribedBy, world: World): readonly string[] | undefined {
  const word = name.toLowerCase();
  const invented = world.invented.find((one) => one.name === word);
  if (invented !== undefined) return ofInvented(invented, by);
  if (world.shapes.includes(word)) return ofShape(word, by);
  if (world.stuff.includes(word)) return ofStuff(word, by);
  return undefined;
}

/** The attribute with the name, then the attribute alone. */
function ofInvented(
  { name, shape, colour, texture }: World['invented'][number],
  by: DescribedBy,
): readonly string[] {
  const told: Readonly<Record<DescribedBy, readonly [string, string]>> = {
    colour: [`${colour} thing`, colour],
    'shape-size': [shape, shape],
    'texture-material': [`${texture} thing`, texture],
    all: [`${texture} ${colour} ${shape}`, `${texture} ${colour} ${shape}`],
  };
  const [noun, alone] = told[by];
  return [`${noun} called ${name}`, alone];
}

function ofShape(shape: string, by: DescribedBy): readonly string[] {
  const varies: Readonly<Record<DescribedBy, string>> = {
    colour: ' of any colour',
    'shape-size': ', small, medium or large',
    'texture-material': ', plain, striped or dotted',
    all: ' of any colour, small, medium or large, plain, striped or dotted',
  };
  return [shape + varies[by], shape];
}

function ofStuff(stuff: string, by: DescribedBy): readonly string[] {
  const [colour, material] = LOOKS[stuff] ?? ['', ''];
  const sentence: Readonly<Record<DescribedBy, string>> = {
    colour: `${colour} ${stuff}`,
    'shape-size': `${stuff} all over the ground`,
    'texture-material': `${material} ${stuff}`,
    all: `${material} ${colour} ${stuff} all over the ground`,
  };
  return [sentence[by].trim(), stuff];
}
