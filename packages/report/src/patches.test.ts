import { decodeMask, encodeMask, Prng, type PredictionEvidence, type Segment } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { overlapFor } from './agreement.js';
import { cellData, evidenceOf } from './row-data.js';
import { mapColour } from './client/palette.js';
import { renderPatches } from './template/patches.js';
import { renderSegMaps } from './template/seg-maps.js';

const heat = {
  kind: 'objectness',
  rows: 2,
  columns: 3,
  values: Float32Array.of(0, 0.5, 1, 0.25, 0, 0),
  covers: [0, 0, 12, 8],
} as const;
const patch = { row: 0, column: 2, objectness: 0.987, role: 'small', box: [8, 0, 4, 4] } as const;
const other = { row: 0, column: 1, objectness: 0.5, box: [4, 0, 4, 4] } as const;
const evidence: PredictionEvidence = { heat, patches: [patch, other] };
const segment = (label: string, from: number, to: number): Segment => {
  const pixels = new Uint8Array(96).fill(1, from, to);
  const mask = encodeMask(pixels, 12, 8);
  return { label, score: 0.9, bbox: [0, 0, 12, 8], area: to - from, mask, evidence: { patch } };
};

describe('renderPatches', () => {
  it('shows every patch, those that fired, and which became what', () => {
    const { text } = renderPatches(evidence, [segment('<ring>', 0, 5)]);
    expect(text).toContain('2 patches fired, 1 became a segment');
    expect(text.match(/<rect/g)).toHaveLength(2 + 1);
    // A pixel a patch: two rows of three, the bottom one first, each as long as a multiple of four bytes.
    const bitmap = Buffer.from(/data:image\/bmp;base64,([^"]*)/.exec(text)?.[1] ?? '', 'base64');
    const pixel = (row: number, column: number): number[] => [
      ...bitmap.subarray(54 + 12 * (1 - row) + 3 * column).subarray(0, 3),
    ];
    const [low, high] = [mapColour(0), mapColour(1)].map((rgb) => rgb.map(Math.round).reverse());
    expect([pixel(0, 0), pixel(0, 2), pixel(1, 1), pixel(1, 2)]).toEqual([low, high, low, low]);
    expect(text).toContain('&lt;ring&gt;: row 1, column 3 (small), 0.99');
    expect(text).toContain('dark 0.00 to bright 1.00');
    expect(text).not.toContain('style=');
  });

  it('shows the map also where nothing fired, and nothing for systems without patches', () => {
    expect(renderPatches({ heat, patches: [] }, []).text).toContain('0 patches fired, 0 became segments');
    expect(renderPatches(undefined, [segment('a', 0, 5)]).text).toBe('');
    expect(renderPatches({}, []).text).toBe('');
  });
});

describe('renderSegMaps', () => {
  it('shows both sides of each segment whose decoder gives its map, and nothing otherwise', () => {
    const side = { ...heat, kind: 'similarity', values: Float32Array.of(0, 0.5, 1, 0.25, 0, 2) } as const;
    const looked = { ...segment('<ring>', 0, 5), evidence: { map: heat, decoderMap: side } };
    const { text } = renderSegMaps([segment('a', 0, 5), looked]);
    expect(text.match(/<img/g)).toHaveLength(2);
    expect(text).toContain('&lt;ring&gt;, language model: 0.000 (dark) to 1.000 (bright)');
    expect(text).toContain('&lt;ring&gt;, SAM: 0.000 (dark) to 2.000 (bright)');
    expect(renderSegMaps([{ ...looked, evidence: { map: heat } }]).text).toBe('');
  });
});

describe('cellData', () => {
  it('has the objectness once, and the middle of the patch of each segment', () => {
    const { segments } = cellData([segment('a', 0, 5), segment('b', 9, 12)], [0, 1], evidence);
    expect(segments.map(({ map }) => map?.covers)).toEqual([[0, 0, 12, 8], undefined]);
    expect(segments.map(({ points }) => points)).toEqual([
      { xy: [10, 2], labels: [1] },
      { xy: [10, 2], labels: [1] },
    ]);
  });

  it('asks for the switches that show them', () => {
    const prediction = {
      system: 'rose',
      recipe: 'patch',
      request: { task: 'free' },
      answer: '',
      segments: [segment('a', 0, 5)],
      evidence,
      stages: [],
      warnings: [],
    } as const;
    expect(evidenceOf(prediction)).toEqual({ points: true, map: true });
    expect(evidenceOf({ ...prediction, segments: [] })).toEqual({ points: false, map: false });
  });
});

describe('overlapFor', () => {
  const size = [8, 12] as const;
  const found = [segment('star', 0, 10), segment('ring', 10, 20)];
  const truth = [segment('star', 0, 10), segment('moon', 10, 20)];

  it('counts names where segments are named', () => {
    // star 10 of 10; ring 0 of 10; moon 0 of 10.
    expect(overlapFor('free', found, truth, size)).toEqual({ intersection: 10, union: 30 });
  });

  it('takes all together where one region was asked for', () => {
    expect(overlapFor('referring', found, truth, size)).toEqual({ intersection: 20, union: 20 });
  });

  it('counts the pixels that decoding all masks gives', () => {
    const draw = new Prng(7);
    const some = (count: number): Segment[] =>
      Array.from({ length: count }, () => {
        const from = draw.int(91);
        return segment(['star', 'ring', 'moon'][draw.int(3)] as string, from, from + draw.int(96 - from));
      });
    for (let round = 0; round < 50; round++) {
      const [mine, theirs] = [some(draw.int(6)), some(draw.int(6))];
      const has = (segments: readonly Segment[], name: string, pixel: number): boolean =>
        segments.some(({ label, mask }) => label === name && decodeMask(mask).pixels[pixel] === 1);
      let [intersection, union] = [0, 0];
      for (const name of ['star', 'ring', 'moon'])
        for (let pixel = 0; pixel < 96; pixel++) {
          const [a, b] = [has(mine, name, pixel), has(theirs, name, pixel)];
          intersection += Number(a && b);
          union += Number(a || b);
        }
      expect(overlapFor('semantic', mine, theirs, size)).toEqual({ intersection, union });
    }
  });

  it('refuses masks of another size', () => {
    expect(() => overlapFor('referring', found, [], [8, 13])).toThrow(/size/);
  });

  it('is nothing of nothing', () => {
    expect(overlapFor('instance', [], [], size)).toEqual({ intersection: 0, union: 0 });
  });
});
