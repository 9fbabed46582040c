import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeMask,
  livePatches,
  localTensor,
  objectnessMap,
  patchBox,
  patchCentres,
  patchEvidence,
  type ImageTransform,
  type PatchProposals,
} from '@maskloom/core';
import { gather } from './gather.js';
import { selectPatches } from './select-patches.js';
import { patchesWithin } from './within-regions.js';

/** 160 x 96 padded into 128 x 128: scale 0.8, rows 77 of 128. */
const transform: ImageTransform<'ClipPx'> = {
  frame: 'ClipPx',
  original: { width: 160, height: 96 },
  resized: { width: 128, height: 77 },
  input: { width: 128, height: 128 },
  scaleX: 0.8,
  scaleY: 77 / 96,
  offsetX: 0,
  offsetY: 0,
};
const grid = { rows: 16, columns: 16, transform };
const proposals = (objectness: readonly number[], more: Partial<PatchProposals> = {}): PatchProposals => ({
  rows: 1,
  columns: objectness.length,
  objectness: Float32Array.from(objectness),
  maskEmbeddings: localTensor(
    [objectness.length, 2],
    Float32Array.from(objectness.flatMap((_, p) => [p, -p])),
  ),
  categoryEmbeddings: localTensor(
    [objectness.length, 1],
    Float32Array.from(objectness.map((_, p) => 10 * p)),
  ),
  ...more,
});

describe('selectPatches', () => {
  it('takes the best first, not below the threshold, at most the limit; equal ones by place', () => {
    const found = proposals([0.2, 0.9, 0.5, 0.9, 0.1], { threshold: 0.2, limit: 3 });
    expect(selectPatches(found)).toEqual([1, 3, 2]);
    expect(selectPatches({ ...found, limit: 9 })).toEqual([1, 3, 2, 0]);
  });

  it('keeps to the patches allowed and orders by weight, not by threshold', () => {
    const found = proposals([0.9, 0.6, 0.3], { threshold: 0.5 });
    expect(selectPatches(found, { within: [false, true, true] })).toEqual([1]);
    expect(selectPatches(found, { weights: Float32Array.of(0.1, 1, 1) })).toEqual([1, 0]);
    expect(selectPatches(found, { weights: Float32Array.of(0, 1, 1), limit: 1 })).toEqual([1]);
  });

  it('is the head of the sorted list, for any objectness', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (values, threshold, limit) => {
          const found = proposals(values, { threshold, limit });
          const chosen = selectPatches(found);
          const score = (p: number): number => found.objectness[p] ?? 0;
          expect(chosen.length).toBe(
            Math.min(limit, [...found.objectness].filter((v) => v >= threshold).length),
          );
          const least = Math.min(...chosen.map(score));
          found.objectness.forEach((value, p) => {
            if (!chosen.includes(p) && value >= threshold) expect(value).toBeLessThanOrEqual(least);
          });
          chosen.slice(1).forEach((p, i) => expect(score(p)).toBeLessThanOrEqual(score(chosen[i] ?? 0)));
        },
      ),
    );
  });

  it('selects nothing of nothing', () => {
    expect(selectPatches(proposals([]))).toEqual([]);
  });
});

describe('the patches of a padded image', () => {
  it('are alive where their middle lies on the picture', () => {
    const live = livePatches(grid);
    // Middles at 4, 12, ... 76, 84: the tenth row's middle, 76, is still above 77.
    expect(live.filter(Boolean)).toHaveLength(16 * 10);
    expect(live[9 * 16]).toBe(true);
    expect(live[10 * 16]).toBe(false);
  });

  it('cover the picture in its own pixels', () => {
    expect(patchBox(grid, 0)).toEqual([0, 0, 10, 8 / (77 / 96)]);
    const { xy } = patchCentres(grid);
    expect([xy[2 * 17], xy[2 * 17 + 1]].map((v) => Math.round((v ?? 0) * 100) / 100)).toEqual([15, 14.96]);
    const heat = objectnessMap(
      grid,
      Float32Array.from({ length: 256 }, (_, patch) => patch),
    );
    expect([heat.rows, heat.columns, heat.values.length, heat.values.at(-1)]).toEqual([10, 16, 160, 159]);
    expect(heat.covers.map((v) => Math.round(v * 100) / 100)).toEqual([0, 0, 160, 99.74]);
    // A tall picture: columns are left out.
    const tall = {
      ...grid,
      transform: {
        ...transform,
        original: { width: 96, height: 160 },
        resized: { width: 77, height: 128 },
        scaleX: 77 / 96,
        scaleY: 0.8,
      },
    };
    const narrow = objectnessMap(
      tall,
      Float32Array.from({ length: 256 }, (_, patch) => patch),
    );
    expect([narrow.rows, narrow.columns, narrow.values[10], narrow.values.at(-1)]).toEqual([16, 10, 16, 249]);
    expect(patchEvidence(grid, { objectness: new Float32Array(256).fill(0.5) }, 18)).toMatchObject({
      row: 1,
      column: 2,
      objectness: 0.5,
    });
  });
});

describe('patchesWithin', () => {
  const centres = patchCentres(grid);
  const box = { frame: 'ImagePx', x: 10, y: 0, width: 20, height: 10 } as const;

  it('takes the patches whose middle is in a box', () => {
    const inside = patchesWithin(centres, [{ box }]);
    expect(inside.flatMap((is, p) => (is ? [p] : []))).toEqual([1, 2]);
  });

  it('takes those on a mask, and only those in the box as well', () => {
    const pixels = new Uint8Array(160 * 96);
    for (let x = 20; x < 160; x++) pixels.fill(1, 0 * 160 + x, 0 * 160 + x + 1);
    for (let y = 0; y < 12; y++) pixels.fill(1, y * 160 + 20, y * 160 + 160);
    const mask = encodeMask(pixels, 160, 96);
    const of = (prompt: object) => patchesWithin(centres, [prompt]).flatMap((is, p) => (is ? [p] : []));
    expect(of({ mask })).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(of({ mask, box })).toEqual([2]);
  });

  it('takes the patch nearest to a positive point, and the union over prompts', () => {
    const points = {
      frame: 'ImagePx',
      xy: Float32Array.of(33, 2, 90, 50),
      labels: Int8Array.of(1, 0),
    } as const;
    const inside = patchesWithin(centres, [{ points }, { box }]);
    expect(inside.flatMap((is, p) => (is ? [p] : []))).toEqual([1, 2, 3]);
  });
});

describe('gather', () => {
  it('takes the rows asked for, in their order, with an axis for the prompt', async () => {
    const { mask, category, text } = await gather(proposals([0, 0, 0, 0]), [3, 1]);
    expect(mask.dims).toEqual([2, 1, 2]);
    expect([...(await mask.read())]).toEqual([3, -3, 1, -1]);
    expect([...(await category.read())]).toEqual([30, 10]);
    expect(text).toBeUndefined();
  });

  it('gathers no rows', async () => {
    expect((await gather(proposals([1]), [])).mask.dims).toEqual([0, 1, 2]);
  });
});
