import { describe, expect, it } from 'vitest';
import {
  decodeMask,
  type Assembler,
  type BuildContext,
  type DecodedMasks,
  type RunContext,
} from '@maskloom/core';
import { thresholdAssembler } from './threshold-assembler.js';

const run = {} as RunContext;
const build = async (options?: Parameters<typeof thresholdAssembler>[0]): Promise<Assembler> =>
  thresholdAssembler(options).create({} as BuildContext);

/** Masks of 4 x 4 logits over an image of the same size: what is given is what comes out. */
const decoded = (planes: number[][], quality: number[]): DecodedMasks => ({
  logits: Float32Array.from(planes.flat()),
  count: planes.length,
  height: 4,
  width: 4,
  quality: Float32Array.from(quality),
  transform: {
    frame: 'SamPx',
    original: { width: 4, height: 4 },
    resized: { width: 4, height: 4 },
    input: { width: 4, height: 4 },
    scaleX: 1,
    scaleY: 1,
    offsetX: 0,
    offsetY: 0,
  },
});
const plane = (set: number[], inside = 1): number[] =>
  Array.from({ length: 16 }, (_, i) => (set.includes(i) ? inside : -1));

describe('thresholdAssembler', () => {
  it('makes one segment per mask with its tight box, area and predicted IoU', async () => {
    const masks = decoded([plane([5, 6, 9]), plane([15])], [0.5, 1.25]);
    const segments = await (
      await build()
    ).assemble(masks, [{ label: 'a' }, { label: 'b', score: 0.25 }], run);
    expect(segments.map(({ label, score, bbox, area }) => ({ label, score, bbox: [...bbox], area }))).toEqual(
      [
        { label: 'a', score: 0.5, bbox: [1, 1, 2, 2], area: 3 },
        { label: 'b', score: 0.25, bbox: [3, 3, 1, 1], area: 1 },
      ],
    );
    const first = segments[0];
    expect(first && [...decodeMask(first.mask).pixels].flatMap((v, i) => (v === 1 ? [i] : []))).toEqual([
      5, 6, 9,
    ]);
  });

  it('keeps a predicted IoU outside of 0..1 within it', async () => {
    const segments = await (await build()).assemble(decoded([plane([0])], [1.25]), [{ label: 'a' }], run);
    expect(segments[0]?.score).toBe(1);
  });

  it('drops empty masks, so that an empty mask is no segment', async () => {
    const masks = decoded([plane([]), plane([3])], [0.9, 0.8]);
    const segments = await (await build()).assemble(masks, [{ label: 'nothing' }, { label: 'b' }], run);
    expect(segments.map((s) => s.label)).toEqual(['b']);
    const kept = await (
      await build({ minArea: 0 })
    ).assemble(masks, [{ label: 'nothing' }, { label: 'b' }], run);
    expect(kept.map((s) => [s.label, s.area, [...s.bbox]])).toEqual([
      ['nothing', 0, [0, 0, 0, 0]],
      ['b', 1, [3, 0, 1, 1]],
    ]);
  });

  it('drops masks below minArea, and thresholds where told', async () => {
    const masks = decoded([plane([0, 1, 2], 0.4), plane([3], 0.6)], [0.9, 0.8]);
    const labels = [{ label: 'low' }, { label: 'small' }];
    const at = async (options: Parameters<typeof thresholdAssembler>[0]): Promise<string[]> =>
      (await (await build(options)).assemble(masks, labels, run)).map((s) => s.label);
    expect(await at({ threshold: 0.5 })).toEqual(['small']);
    expect(await at({ minArea: 2 })).toEqual(['low']);
  });

  it('passes evidence through and refuses a wrong number of labels', async () => {
    const evidence = {
      points: { frame: 'ImagePx', xy: Float32Array.from([1, 1]), labels: Int8Array.from([1]) },
    } as const;
    const masks = decoded([plane([0])], [0.9]);
    const assembler = await build();
    expect((await assembler.assemble(masks, [{ label: 'a', evidence }], run))[0]?.evidence).toBe(evidence);
    await expect(assembler.assemble(masks, [], run)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });
});
