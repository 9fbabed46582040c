import { readFileSync } from 'node:fs';
import type { Frame, ImageTransform } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  toClipInput,
  toPaddedInput,
  toSamInput,
  toStretchedInput,
  toStretchedSamInput,
} from './model-input.js';
import { patternPixels } from './pattern.test.helper.js';

interface InputCase {
  readonly from: readonly [number, number];
  readonly at: readonly number[];
  readonly values: readonly number[];
  readonly sum: number;
  readonly absolute: number;
}
type Group = { mean: number[]; std: number[]; cases: InputCase[] };

const golden = JSON.parse(readFileSync(new URL('../../fixtures/resample.json', import.meta.url), 'utf8')) as {
  side: number;
  clip: Group;
  sam: Group;
};
const spec = (group: Group) => ({ imageSize: golden.side, mean: group.mean, std: group.std });

function compare(data: Float32Array, expected: InputCase): void {
  expected.at.forEach((index, i) => expect(data[index]).toBeCloseTo(expected.values[i] as number, 5));
  expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected.sum, 1);
  expect(data.reduce((sum, value) => sum + Math.abs(value), 0)).toBeCloseTo(expected.absolute, 1);
}

describe('toClipInput', () => {
  it.each(golden.clip.cases)('$from: as CLIPImageProcessor of Hugging Face', async (expected) => {
    const { tensor } = await toClipInput(patternPixels(...expected.from), spec(golden.clip));
    expect(tensor.dims).toEqual([1, 3, golden.side, golden.side]);
    compare(tensor.data as Float32Array, expected);
  });

  it('says which part of the image the model sees', async () => {
    const { transform } = await toClipInput(patternPixels(129, 300), spec(golden.clip));
    // 300 * 64 / 129 = 148.8, truncated; (148 - 64) / 2 = 42.
    expect(transform).toMatchObject({
      frame: 'ClipPx',
      resized: { width: 64, height: 148 },
      offsetX: 0,
      offsetY: 42,
    });
  });
});

describe('toStretchedInput', () => {
  it('is what CLIP takes where the image is square', async () => {
    const [cut, stretched] = await Promise.all(
      [toClipInput, toStretchedInput].map((prepare) => prepare(patternPixels(90, 90), spec(golden.clip))),
    );
    expect(stretched?.tensor).toEqual(cut?.tensor);
    expect(stretched?.transform).toEqual(cut?.transform);
  });

  it('shows all of an image of any shape', async () => {
    const { tensor, transform } = await toStretchedInput(patternPixels(200, 50), spec(golden.clip));
    expect(tensor.dims).toEqual([1, 3, 64, 64]);
    const side = { width: 64, height: 64 };
    expect(transform).toMatchObject({ frame: 'ClipPx', resized: side, input: side, offsetX: 0, offsetY: 0 });
    expect([transform.scaleX, transform.scaleY]).toEqual([64 / 200, 64 / 50]);
  });
});

describe('toPaddedInput', () => {
  it.each([
    [200, 50],
    [50, 200],
    [64, 64],
  ])("has SAM's geometry and CLIP's numbers: %i x %i", async (w, h) => {
    const image = patternPixels(w, h);
    const { tensor, transform } = await toPaddedInput(image, spec(golden.clip));
    const sam = (await toSamInput(image, spec(golden.sam))).transform;
    expect(transform).toEqual({ ...sam, frame: 'ClipPx' });
    const { width, height } = transform.resized;
    const data = tensor.data as Float32Array;
    data.forEach((value, i) => {
      const [x, y] = [i % 64, Math.floor(i / 64) % 64];
      if (x >= width || y >= height) expect(value).toBe(0);
    });
    const stretched = await toStretchedInput(image, spec(golden.clip));
    if (w === h) expect(tensor).toEqual(stretched.tensor);
  });
});

describe('toSamInput', () => {
  it.each(golden.sam.cases)('$from: as SAM with Pillow', async (expected) => {
    const { tensor } = await toSamInput(patternPixels(...expected.from), spec(golden.sam));
    compare(tensor.data as Float32Array, expected);
  });

  it('pads with exact zeros after normalising', async () => {
    const { tensor, transform } = await toSamInput(patternPixels(128, 31), spec(golden.sam));
    expect(transform).toMatchObject({
      frame: 'SamPx',
      resized: { width: 64, height: 16 },
      offsetX: 0,
      offsetY: 0,
    });
    const plane = (tensor.data as Float32Array).subarray(0, 64 * 64);
    expect(new Set(plane.subarray(16 * 64))).toEqual(new Set([0]));
    expect(plane.subarray(0, 16 * 64).some((value) => value !== 0)).toBe(true);
  });

  it('keeps at least one row of a very long image', async () => {
    const { transform } = await toSamInput(patternPixels(1000, 2), spec(golden.sam));
    expect(transform.resized).toEqual({ width: 64, height: 1 });
  });
});

describe('both', () => {
  it('map the image corners onto the resized corners and have no NaN', async () => {
    const sides = fc.integer({ min: 1, max: 90 });
    await fc.assert(
      fc.asyncProperty(sides, sides, async (width, height) => {
        for (const make of [toSamInput, toClipInput]) {
          const group = make === toSamInput ? golden.sam : golden.clip;
          const { tensor, transform } = await make(patternPixels(width, height), {
            ...spec(group),
            imageSize: 16,
          });
          const { scaleX, scaleY, resized }: ImageTransform<Frame> = transform;
          expect(width * scaleX).toBeCloseTo(resized.width, 9);
          expect(height * scaleY).toBeCloseTo(resized.height, 9);
          expect((tensor.data as Float32Array).every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([{ imageSize: 0 }, { mean: [0, 0] }, { std: [1, 0, 1] }, { std: [1, Number.NaN, 1] }])(
    'refuse %o',
    async (wrong) => {
      const bad = { ...spec(golden.sam), ...wrong };
      await expect(toSamInput(patternPixels(4, 4), bad)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
      await expect(toClipInput(patternPixels(4, 4), bad)).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    },
  );
});

it('stretches for SAM 2 with statistics in 0..255, and knows the way back for each side', async () => {
  const image = { width: 4, height: 2, rgb: new Uint8Array(24).fill(100) };
  const spec = { imageSize: 8, mean: [60, 100, 120], std: [10, 20, 40] };
  const { tensor, transform } = await toStretchedSamInput(image as never, spec);
  expect(transform).toMatchObject({ frame: 'SamPx', scaleX: 2, scaleY: 4, resized: { width: 8, height: 8 } });
  const planes = [0, 1, 2].map((c) => new Set(tensor.data.subarray(64 * c, 64 * c + 64) as Float32Array));
  expect(planes.map((plane) => [...plane])).toEqual([[4], [0], [-0.5]]);
});
