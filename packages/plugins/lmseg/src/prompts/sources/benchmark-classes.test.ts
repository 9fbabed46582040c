import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { fakeRun } from '@maskloom/core/conformance';
import { toyLmseg } from '../../toy-lmseg.test-helper.js';
import { ATTRIBUTES } from '../variants.js';
import { shippedFile } from './shipped.js';
import { readDescriptions, storedDescriptions } from './stored.js';

const path = shippedFile('benchmark-classes') as string;
const { sets } = z
  .object({ sets: z.record(z.string(), z.array(z.string())) })
  .parse(JSON.parse(await readFile(path, 'utf8')));
const { classes, aliases = {} } = await readDescriptions('benchmark-classes');

it('has the sets at their sizes, names without repeats', () => {
  expect(Object.entries(sets).map(([set, names]) => [set, new Set(names).size])).toEqual([
    ['coco-stuff-171', 171],
    ['ade20k-150', 150],
    ['ade20k-847', 847],
    ['context-59', 59],
    ['context-459', 459],
    ['voc-20', 20],
  ]);
});

it('describes every class of every set by three attributes, one sentence each', async () => {
  const describer = await storedDescriptions('benchmark-classes').open({
    models: toyLmseg(),
    signal: new AbortController().signal,
    warn: () => undefined,
  });
  const names = [...new Set(Object.values(sets).flat())];
  for (const attribute of ATTRIBUTES) {
    const found = await describer.describe(names, attribute, fakeRun());
    const wrong = names.filter(
      (_, i) => found[i]?.length !== 1 || !/^[A-Z][^.]+\.$/.test(found[i]?.[0] ?? ''),
    );
    expect(wrong, attribute).toEqual([]);
  }
  const all = await describer.describe(['aeroplane', 'TVMONITOR', 'building, edifice'], 'all', fakeRun());
  expect(all.map((sentences) => sentences?.length)).toEqual([3, 3, 3]);
});

it('gives each class sentences that no other class has', () => {
  const seen = new Map<string, string>();
  for (const [name, description] of Object.entries(classes)) {
    const text = JSON.stringify(Object.values(description));
    expect(seen.get(text), name).toBeUndefined();
    seen.set(text, name);
  }
  expect(Object.values(aliases).filter((name) => classes[name] === undefined)).toEqual([]);
});

/** Words; a compound counts as its parts unless it says a shape ("bowl-shaped"). */
function words(text: string): string[] {
  const found = text.toLowerCase().match(/[a-z]+(?:-[a-z]+)*/g) ?? [];
  return found.flatMap((word) => (word.endsWith('-shaped') ? [word] : word.split('-')));
}

it('names no other class in a sentence, in the singular or the plural', () => {
  const first = (name: string) => (name.split(',')[0] as string).trim().toLowerCase();
  const names = new Set(
    [...Object.values(sets).flat(), ...Object.keys(classes)]
      .map(first)
      .flatMap((name) => [name, `${name}s`, `${name}es`]),
  );
  // PASCAL-Context's catch-all is no thing that a sentence could be mistaken for.
  names.delete('unknown');
  const owners = new Map<string, string[]>();
  for (const [alias, name] of Object.entries(aliases)) owners.set(name, [...(owners.get(name) ?? []), alias]);
  const wrong: string[] = [];
  for (const [name, description] of Object.entries(classes)) {
    const own = new Set(
      [name, ...(owners.get(name) ?? [])].flatMap(words).flatMap((w) => [w, `${w}s`, `${w}es`]),
    );
    for (const sentence of ATTRIBUTES.flatMap((attribute) => description[attribute] ?? [])) {
      const said = words(sentence);
      for (let from = 0; from < said.length; from++) {
        for (let to = from + 1; to <= Math.min(said.length, from + 3); to++) {
          const part = said.slice(from, to);
          if (names.has(part.join(' ')) && !part.every((word) => own.has(word)))
            wrong.push(`${name}: ${part.join(' ')}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
