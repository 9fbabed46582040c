import { encodeMask } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prng } from '@maskloom/core';
import { cocoApMeasure } from '../coco/coco-ap.js';
import { freeApMeasure } from '../coco/free-ap.js';
import { panopticMeasure } from '../panoptic/panoptic-measure.js';
import { referringMeasure } from '../referring/referring-measure.js';
import { semanticMeasure } from '../semantic/semantic-measure.js';
import { compareImages } from './image-order.js';
import type { Accumulator, Measure } from './measure.js';

const SIDE = 6;

function randomMask(prng: Prng): ReturnType<typeof encodeMask> {
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, () => (prng.chance(0.6) ? 1 : 0));
  return encodeMask(pixels, SIDE, SIDE);
}

/** A measure with a random part of it. */
interface Kind {
  readonly measure: Measure<never>;
  readonly part: (prng: Prng) => unknown;
}

function kind<Input>(measure: Measure<Input>, input: (prng: Prng) => Input): Kind {
  return { measure, part: (prng) => measure.count(input(prng)) };
}

const categories = [1, 2].map((id) => ({ id, name: `class ${id}`, isThing: id === 1 }));
const kinds: readonly [string, Kind][] = [
  kind(referringMeasure(), (prng) => ({
    queries: Array.from({ length: 3 }, () => ({ prediction: randomMask(prng), truth: randomMask(prng) })),
  })),
  kind(semanticMeasure({ classes: ['a', 'b', 'c'] }), (prng) => {
    const map = (): Uint8Array => Uint8Array.from({ length: SIDE * SIDE }, () => prng.int(3));
    return { width: SIDE, height: SIDE, truth: map(), prediction: map() };
  }),
  kind(cocoApMeasure({ categories }), (prng) => ({
    width: SIDE,
    height: SIDE,
    truths: Array.from({ length: 3 }, () => ({ categoryId: 1 + prng.int(2), mask: randomMask(prng) })),
    // Scores tie within and between images.
    detections: Array.from({ length: 5 }, () => ({
      categoryId: 1 + prng.int(2),
      mask: randomMask(prng),
      score: prng.int(3) / 3,
    })),
  })),
  kind(freeApMeasure({ labels: ['cup', 'dog'], mapper: 'exact' }), (prng) => ({
    width: SIDE,
    height: SIDE,
    truths: [{ label: prng.pick(['cup', 'dog']), mask: randomMask(prng) }],
    detections: ['mug', 'dog', 'thing'].map((name) => ({ name, score: prng.unit(), mask: randomMask(prng) })),
    mapping: { mug: 'cup', dog: 'dog', thing: null },
  })),
  kind(panopticMeasure({ categories }), (prng) => ({
    truths: [{ categoryId: 1 + prng.int(2), mask: randomMask(prng) }],
    predictions: [{ categoryId: 1 + prng.int(2), mask: randomMask(prng) }],
  })),
].map((of) => [of.measure.name, of]);

describe.each(kinds)('the accumulator of %s', (_, { measure, part }) => {
  const ids = [2, 10, 1, 'b', 'a', 33, '-4', 7];
  const parts = ids.map((id, i) => [id, part(new Prng(i))] as const);
  const sum = (of: readonly (readonly [string | number, unknown])[]): Accumulator<unknown> =>
    of.reduce((sums, [image, item]) => sums.add(image, item), measure.accumulator());
  const options = { draws: 30 };
  const bytes = (sums: Accumulator<unknown>): string => JSON.stringify([sums.result(options), sums]);

  it('gives the same bytes whatever the order of adding and merging', () => {
    const whole = bytes(sum(parts));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(parts, { minLength: parts.length }),
        fc.nat(parts.length),
        (order, cut) => {
          expect(bytes(sum(order))).toBe(whole);
          const [first, second] = [sum(order.slice(0, cut)), sum(order.slice(cut))];
          expect(bytes(second.merge(first))).toBe(whole);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('comes back from JSON, and takes parts from JSON', () => {
    const sums = sum(parts);
    const stored = JSON.parse(JSON.stringify(sums)) as unknown;
    expect(bytes(measure.fromJSON(stored))).toBe(bytes(sums));
    const lines = parts.map(
      ([id, item]) => [id, measure.parsePart(JSON.parse(JSON.stringify(item)))] as const,
    );
    expect(bytes(sum(lines))).toBe(bytes(sums));
  });

  it('ignores a part that it has, and refuses another one of the same image', () => {
    const sums = sum(parts);
    const before = bytes(sums);
    expect(bytes(sums.add('2', part(new Prng(0))).merge(sum(parts.slice(3))))).toBe(before);
    expect(() => sums.add(2, part(new Prng(99)))).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID', where: `${measure.name}.2` }) as Error,
    );
  });

  it('has undefined figures without images, and no others', () => {
    const { figures, images } = measure.accumulator().result();
    expect(images).toBe(0);
    for (const figure of Object.values(figures)) expect(figure).toMatchObject({ value: null, n: 0 });
  });

  it('scores single images as sets of one', () => {
    const sums = sum(parts);
    const { figures } = sums.result({ intervals: false });
    const name = Object.keys(figures)[0] as string;
    const scores = sums.perImage(name);
    expect(scores.map(({ image }) => image)).toEqual(['-4', '1', '2', '7', '10', '33', 'a', 'b']);
    for (const [id, item] of parts) {
      const alone = measure.accumulator().add(id, item).result({ intervals: false }).figures[name];
      expect(scores.find(({ image }) => image === String(id))?.value).toBe(alone?.value);
    }
    expect(() => sums.perImage('no such figure')).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }) as Error,
    );
  });

  it('draws intervals of the figures asked for, the same for a seed', () => {
    const sums = sum(parts);
    const all = sums.result({ draws: 40, seed: 3 }).figures;
    const [name] = Object.entries(all).find(([, { interval }]) => interval !== null) as [string, unknown];
    const only = sums.result({ draws: 40, seed: 3, only: [name] }).figures;
    expect(only[name]).toEqual(all[name]);
    expect(Object.values(only).filter(({ interval }) => interval !== null)).toHaveLength(1);
    expect(sums.result({ draws: 40, seed: 4 }).figures).not.toEqual(all);
    const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;
    expect(() => sums.result({ only: ['no such figure'] })).toThrow(invalid);
    expect(() => sums.result({ draws: 0 })).toThrow(invalid);
    expect(() => sums.result({ level: 1 })).toThrow(invalid);
  });
});

describe('accumulators', () => {
  it('of other switches do not mix', () => {
    const plain = referringMeasure();
    const summed = referringMeasure({ summedPolygons: true });
    const invalid = expect.objectContaining({ code: 'VALUE_INVALID' }) as Error;
    expect(() => plain.accumulator().merge(summed.accumulator())).toThrow(invalid);
    expect(() => plain.fromJSON(JSON.parse(JSON.stringify(summed.accumulator())))).toThrow(/other switches/);
  });

  it.each([
    ['no object', 7, 'referring'],
    ['no parts', { measure: 'referring', switches: referringMeasure().switches }, 'referring.parts'],
    [
      'a text for a number',
      { measure: 'referring', switches: referringMeasure().switches, parts: [['1', { x: [1, 'a', 1] }]] },
      'referring.parts.0.1.x.1',
    ],
    ['another measure', { measure: 'panoptic', switches: {}, parts: [] }, 'referring.measure'],
  ])('refuse stored contents with %s', (_, stored, where) => {
    expect(() => referringMeasure().fromJSON(stored)).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID', where }) as Error,
    );
  });

  it('refuse ids that are no numbers of images', () => {
    expect(() => referringMeasure().accumulator().add(1.5, {})).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }) as Error,
    );
  });

  it('order images by number, then by text', () => {
    const ids = ['x10', '10', '9', 'x9', '-1', '010', '1e3'];
    expect(ids.sort(compareImages)).toEqual(['-1', '9', '10', '010', '1e3', 'x10', 'x9']);
  });
});
