import { encodeMask, type LabelMapper } from '@maskloom/core';
import { fakeRun } from '@maskloom/core/conformance';
import { describe, expect, it } from 'vitest';
import { cocoApMeasure } from './coco-ap.js';
import { freeApMeasure, mapFreeNames } from './free-ap.js';

const left = encodeMask(Uint8Array.of(1, 1, 0, 0), 4, 1);
const right = encodeMask(Uint8Array.of(0, 0, 1, 1), 4, 1);
const image = { width: 4, height: 1 };

describe('average precision of free names', () => {
  const measure = freeApMeasure({ labels: ['cup', 'dog'], mapper: 'exact' });

  it('is that of the labels that the names are mapped to, and says how many were', () => {
    const part = measure.count({
      ...image,
      truths: [
        { label: 'cup', mask: left },
        { label: 'dog', mask: right },
      ],
      detections: [
        { name: 'mug', score: 0.9, mask: left },
        { name: 'puppy', score: 0.8, mask: left },
        { name: 'sky', score: 0.95, mask: right },
      ],
      mapping: { mug: 'cup', puppy: 'dog', sky: null },
    });
    const { figures, switches } = measure.accumulator().add(1, part).result({ draws: 10 });
    expect(switches).toMatchObject({ mapper: 'exact' });
    expect(figures['AP cup']?.value).toBeCloseTo(1, 12);
    expect(figures['AP dog']?.value).toBe(0);
    expect(figures['mapped']).toMatchObject({ value: 2 / 3, n: 3 });
    const categories = ['cup', 'dog'].map((name, id) => ({ id, name }));
    const plain = cocoApMeasure({ categories });
    const same = plain.count({
      ...image,
      truths: [
        { categoryId: 0, mask: left },
        { categoryId: 1, mask: right },
      ],
      detections: [
        { categoryId: 0, score: 0.9, mask: left },
        { categoryId: 1, score: 0.8, mask: left },
      ],
    });
    expect(part.categories).toEqual(same.categories);
  });

  it('wants every name mapped, to a label that there is', () => {
    const one = { ...image, truths: [], detections: [{ name: 'mug', score: 1, mask: left }] };
    const invalid = (where: string): Error =>
      expect.objectContaining({ code: 'VALUE_INVALID', where }) as Error;
    expect(() => measure.count({ ...one, mapping: {} })).toThrow(invalid('detection 0'));
    expect(() => measure.count({ ...one, mapping: { mug: 'pot' } })).toThrow(invalid('mapping.mug'));
    const named = { ...one, detections: [{ name: 'constructor', score: 1, mask: left }] };
    expect(() => measure.count({ ...named, mapping: {} })).toThrow(invalid('detection 0'));
  });

  it('asks the mapper for each name once', async () => {
    const asked: (readonly string[])[] = [];
    const mapper: LabelMapper = {
      map: (names, labels) => {
        asked.push(names);
        return Promise.resolve(
          names.map((name) => ({ label: labels.includes(name) ? name : undefined, score: 1, how: 'exact' })),
        );
      },
    };
    expect(await mapFreeNames(mapper, ['dog', 'sky', 'dog'], ['cup', 'dog'], fakeRun())).toEqual({
      dog: 'dog',
      sky: null,
    });
    expect(asked).toEqual([['dog', 'sky']]);
  });
});
