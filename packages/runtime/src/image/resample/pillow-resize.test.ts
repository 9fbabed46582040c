import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PillowFilter } from './pillow-coefficients.js';
import { resizeInSlices, resizeLikePillow } from './pillow-resize.js';
import { patternPixels } from '../pattern.test.helper.js';

interface ResizeCase {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly filter: PillowFilter;
  readonly sha256: string;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../fixtures/resample.json', import.meta.url), 'utf8'),
) as {
  pillow: string;
  resize: ResizeCase[];
};

describe('resizeLikePillow', () => {
  it.each(golden.resize)(
    '$from to $to, $filter: every byte as Pillow',
    ({ from, to, filter, sha256, at, values }) => {
      const pixels = patternPixels(...from);
      const { rgb, width, height } = resizeLikePillow(pixels, { width: to[0], height: to[1] }, filter);
      expect([width, height]).toEqual(to);
      expect(at.map((index) => rgb[index])).toEqual(values);
      expect(createHash('sha256').update(rgb).digest('hex')).toBe(sha256);
    },
  );

  it('gives the same in slices, and lets the event loop turn', async () => {
    const pixels = patternPixels(1500, 1400);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const sliced = await resizeInSlices(pixels, { width: 2400, height: 2000 }, 'bicubic');
    clearInterval(timer);
    expect(
      Buffer.compare(sliced.rgb, resizeLikePillow(pixels, { width: 2400, height: 2000 }, 'bicubic').rgb),
    ).toBe(0);
    expect(turns).toBeGreaterThan(0);
  });

  const side = fc.integer({ min: 1, max: 40 });
  const filters = fc.constantFrom<PillowFilter>('bilinear', 'bicubic');

  it('keeps a flat image flat, whatever the sizes', () => {
    fc.assert(
      fc.property(side, side, side, side, filters, fc.nat(255), (w, h, width, height, filter, value) => {
        const flat = { width: w, height: h, rgb: new Uint8Array(w * h * 3).fill(value) };
        expect(new Set(resizeLikePillow(flat, { width, height }, filter).rgb)).toEqual(new Set([value]));
      }),
    );
  });

  it('never hands out its input', () => {
    const pixels = patternPixels(4, 4);
    expect(resizeLikePillow(pixels, { width: 4, height: 4 }, 'bilinear').rgb.buffer).not.toBe(
      pixels.rgb.buffer,
    );
  });

  it.each([
    { width: 0, height: 4 },
    { width: 4, height: 1.5 },
    { width: Number.NaN, height: 4 },
  ])('refuses the size $width x $height', (size) => {
    expect(() => resizeLikePillow(patternPixels(4, 4), size, 'bilinear')).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    );
  });

  it('refuses samples that do not fit the size', () => {
    const short = { width: 4, height: 4, rgb: new Uint8Array(47) };
    expect(() => resizeLikePillow(short, { width: 2, height: 2 }, 'bilinear')).toThrow(/47 samples/);
  });
});
