import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageSpec } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { toyLmseg } from '../toy-lmseg.test-helper.js';
import { allAttributes, oneAttribute } from './described.js';
import { template } from './plain-writers.js';
import {
  DESCRIPTIONS_SCHEMA,
  readDescriptions,
  storedDescriptions,
  writeDescriptions,
} from './sources/stored.js';
import { PROMPT_VARIANTS } from './variants.js';
import { writerOf } from './writer-of.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'maskloom-prompts-'))));
afterAll(() => rm(folder, { recursive: true }));

const NAMES = ['blicket', 'ring', 'grass'];
async function write(
  spec: StageSpec<'PromptWriter', 'candidates', 'descriptions'>,
  names: readonly string[] = NAMES,
) {
  const run = fakeRun();
  const stage = await spec.create({
    models: toyLmseg(),
    signal: new AbortController().signal,
    warn: () => undefined,
  });
  return { texts: await stage.describe(names, run), warnings: run.warnings };
}

describe('the describer of the synthetic world', () => {
  // The sentences of training/maskloom_training/lmseg/describe.py.
  it.each([
    ['name', ['blicket'], ['ring'], ['grass']],
    [
      'template',
      ['a photo of a blicket in the scene'],
      ['a photo of a ring in the scene'],
      ['a photo of grass in the scene'],
    ],
    [
      'colour',
      ['red thing called blicket', 'red'],
      ['ring of any colour', 'ring'],
      ['dull green grass', 'grass'],
    ],
    [
      'shape-size',
      ['star called blicket', 'star'],
      ['ring, small, medium or large', 'ring'],
      ['grass all over the ground', 'grass'],
    ],
    [
      'texture-material',
      ['striped thing called blicket', 'striped'],
      ['ring, plain, striped or dotted', 'ring'],
      ['bladed grass', 'grass'],
    ],
    [
      'all',
      ['striped red star called blicket', 'striped red star'],
      ['ring of any colour, small, medium or large, plain, striped or dotted', 'ring'],
      ['bladed dull green grass all over the ground', 'grass'],
    ],
  ] as const)('writes by %s', async (variant, ...expected) => {
    expect(await write(writerOf(variant))).toEqual({ texts: expected, warnings: [] });
  });

  it('knows every kind of prompt', () => {
    expect(PROMPT_VARIANTS.map((variant) => writerOf(variant).slot)).toEqual(
      PROMPT_VARIANTS.map(() => 'PromptWriter'),
    );
  });
});

describe('a class that nobody describes', () => {
  it('gets the template, with a warning', async () => {
    const { texts, warnings } = await write(allAttributes(), ['zebra', 'ostrich', 'ring']);
    expect(texts.slice(0, 2)).toEqual([
      ['a photo of a zebra in the scene'],
      ['a photo of an ostrich in the scene'],
    ]);
    expect(warnings).toEqual([expect.stringContaining("'zebra', 'ostrich'")]);
  });

  it('gets its name, or is an error, where asked to', async () => {
    expect((await write(allAttributes({ fallback: 'name' }), ['zebra'])).texts).toEqual([['zebra']]);
    await expect(write(oneAttribute({ fallback: 'error' }), ['zebra'])).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining("'zebra'") as string,
    });
  });
});

describe('template', () => {
  it('needs a place for the name', () => {
    expect(() => template({ template: 'a photo' })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  });

  it('puts the name, with or without its article', async () => {
    expect((await write(template({ template: '{a}; {}' }), ['ox'])).texts).toEqual([['an ox; ox']]);
  });
});

describe('stored descriptions', () => {
  const stored = {
    schema: DESCRIPTIONS_SCHEMA,
    source: 'a test',
    classes: { Zebra: { colour: ['black and white'], 'texture-material': ['striped', 'furry'] } },
  } as const;

  it('come back from a file, whatever the case of the name', async () => {
    const path = join(folder, 'good.json');
    await writeDescriptions(path, stored);
    expect(await readDescriptions(path)).toEqual(stored);
    const { texts } = await write(allAttributes({ source: path }), ['zebra']);
    expect(texts).toEqual([['black and white', 'striped', 'furry']]);
    expect((await write(oneAttribute({ attribute: 'colour', source: path }), ['ZEBRA'])).texts).toEqual([
      ['black and white'],
    ]);
    const shape = await write(oneAttribute({ attribute: 'shape-size', source: storedDescriptions(stored) }), [
      'zebra',
    ]);
    expect(shape.warnings).toEqual([expect.stringContaining('a test has no description')]);
  });

  it.each([
    ['no JSON', '{"schema"', 'is not JSON'],
    ['no schema', '{"classes": {}}', 'schema'],
    [
      'no sentences',
      JSON.stringify({ schema: DESCRIPTIONS_SCHEMA, classes: { cat: { colour: [] } } }),
      'classes.cat.colour',
    ],
    [
      'a blank',
      JSON.stringify({ schema: DESCRIPTIONS_SCHEMA, classes: { cat: { all: [' '] } } }),
      'classes.cat.all.0',
    ],
  ])('are refused: %s', async (_, text, named) => {
    const path = join(folder, 'bad.json');
    await writeFile(path, text);
    await expect(write(allAttributes({ source: path }))).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(readDescriptions(path)).rejects.toThrow(named === 'is not JSON' ? named : 'These are not');
    await readDescriptions(path).catch((error: { where: string; message: string }) =>
      expect(`${error.where} ${error.message}`).toContain(named),
    );
  });

  it('that are not there are an error', async () => {
    await expect(write(allAttributes({ source: join(folder, 'none.json') }))).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
  });

  it('are written whole or not at all', async () => {
    const nowhere = join(folder, 'no-folder', 'x.json');
    await expect(writeDescriptions(nowhere, stored)).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await expect(readFile(nowhere)).rejects.toThrow();
  });
});
