import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { atOnce, inSlices } from '@maskloom/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOURCE } from './kernel-wasm.js';
import { pillowCoefficients, PRECISION_BITS, type PillowFilter } from './pillow-coefficients.js';
import { resizeInSlices, resizeLikePillow } from './pillow-resize.js';
import { resizeRows, type Part } from './resize-rows.js';
import type { RgbPixels } from './rgb-pixels.js';

/** One axis the plain way, of a picture given as rows of samples `step` apart. */
function alongAxis(
  samples: Uint8Array,
  lines: readonly number[],
  step: number,
  [from, to]: readonly [number, number],
  filter: PillowFilter,
): number[][] {
  const { size, first, count, weights } = pillowCoefficients(from, to, filter);
  return lines.map((line) =>
    Array.from({ length: to }, (_, i) => {
      let sum = 2 ** (PRECISION_BITS - 1);
      for (let k = 0; k < count[i]!; k++)
        sum += samples[line + (first[i]! + k) * step]! * weights[i * size + k]!;
      return Math.min(255, Math.max(0, Math.floor(sum / 2 ** PRECISION_BITS)));
    }),
  );
}

/** Pillow's two passes over whole pictures in between, in its order. */
function plainly(pixels: RgbPixels, width: number, height: number, filter: PillowFilter): Uint8Array {
  const across = (from: RgbPixels): RgbPixels => {
    const starts = Array.from(
      { length: from.height * 3 },
      (_, i) => Math.floor(i / 3) * from.width * 3 + (i % 3),
    );
    const lines = alongAxis(from.rgb, starts, 3, [from.width, width], filter);
    const rgb = new Uint8Array(width * from.height * 3);
    lines.forEach((line, i) =>
      line.forEach((value, x) => (rgb[(Math.floor(i / 3) * width + x) * 3 + (i % 3)] = value)),
    );
    return { width, height: from.height, rgb };
  };
  const down = (from: RgbPixels): RgbPixels => {
    const stride = from.width * 3;
    const columns = Array.from({ length: stride }, (_, i) => i);
    const lines = alongAxis(from.rgb, columns, stride, [from.height, height], filter);
    const rgb = new Uint8Array(stride * height);
    lines.forEach((line, i) => line.forEach((value, y) => (rgb[y * stride + i] = value)));
    return { width: from.width, height, rgb };
  };
  const downFirst = pixels.height - height > 2 * Math.max(0, pixels.width - width);
  return (downFirst ? across(down(pixels)) : down(across(pixels))).rgb;
}

const filters = fc.constantFrom<PillowFilter>('bilinear', 'bicubic');
const pictures = fc
  .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }), fc.nat())
  .map(([width, height, seed]): RgbPixels => {
    let state = seed;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) | 0) >>> 24;
    // Black and white too: bicubic's overshoot is cut off there.
    const extreme = seed % 2 === 0;
    const rgb = Uint8Array.from({ length: width * height * 3 }, () =>
      extreme ? 255 * (next() & 1) : next(),
    );
    return { width, height, rgb };
  });

describe('resizeRows', () => {
  it('gives what two plain passes give, of any sizes', () => {
    const side = fc.integer({ min: 1, max: 90 });
    fc.assert(
      fc.property(pictures, side, side, filters, (pixels, width, height, filter) => {
        const { rgb } = resizeLikePillow(pixels, { width, height }, filter);
        expect(Buffer.compare(rgb, plainly(pixels, width, height, filter))).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('gives a part of the picture as the whole has it', () => {
    const side = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(
        pictures,
        side,
        side,
        filters,
        fc.infiniteStream(fc.nat(59)),
        (pixels, width, height, filter, draw) => {
          const at = (limit: number): number => (draw.next().value as number) % limit;
          const [x, y] = [at(width), at(height)];
          const part = { x, y, width: 1 + at(width - x), height: 1 + at(height - y) };
          const whole = resizeLikePillow(pixels, { width, height }, filter);
          const wanted = Array.from({ length: part.height }, (_, row) => {
            const start = ((y + row) * width + x) * 3;
            return [...whole.rgb.subarray(start, start + part.width * 3)];
          });
          expect(rowsOf(pixels, { width, height }, part, filter)).toEqual(wanted);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes pictures of the wanted size as they are', () => {
    fc.assert(
      fc.property(pictures, filters, (pixels, filter) => {
        const { width, height, rgb } = pixels;
        expect(resizeLikePillow(pixels, pixels, filter).rgb).toEqual(rgb);
        expect(plainly(pixels, width, height, filter)).toEqual(rgb);
        const part = {
          x: width >> 1,
          y: height >> 1,
          width: width - (width >> 1),
          height: height - (height >> 1),
        };
        const wanted = Array.from({ length: part.height }, (_, row) => [
          ...rgb.subarray(((part.y + row) * width + part.x) * 3, (part.y + row + 1) * width * 3),
        ]);
        expect(rowsOf(pixels, pixels, part, filter)).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps computations apart that take turns', async () => {
    const picture = (value: number): RgbPixels => ({
      width: 1600,
      height: 1200,
      rgb: new Uint8Array(1600 * 1200 * 3).fill(value),
    });
    const size = { width: 1000, height: 900 };
    const all = await Promise.all(
      [10, 90, 200].map((value) => resizeInSlices(picture(value), size, 'bicubic')),
    );
    expect(all.map(({ rgb }) => [...new Set(rgb)])).toEqual([[10], [90], [200]]);
  });

  it('gives up where its caller does', async () => {
    const pixels = { width: 2000, height: 2000, rgb: new Uint8Array(12e6) };
    const stop = new AbortController();
    let rows = 0;
    const part = { x: 0, y: 0, width: 1999, height: 1999 };
    const steps = resizeRows(pixels, part, part, 'bicubic', (_bytes, _at, _stride, _y, count) => {
      rows += count;
      stop.abort();
    });
    await expect(inSlices(steps, stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(rows).toBeLessThan(1999);
  });
});

function rowsOf(
  pixels: RgbPixels,
  size: { width: number; height: number },
  part: Part,
  filter: PillowFilter,
) {
  const rows: number[][] = [];
  const sink = (bytes: Uint8Array, at: number, stride: number, y: number, count: number): void => {
    expect(y).toBe(rows.length);
    for (let row = 0; row < count; row++)
      rows.push([...bytes.subarray(at + row * stride, at + row * stride + part.width * 3)]);
  };
  atOnce(resizeRows(pixels, size, part, filter, sink));
  return rows;
}

describe('the compiled kernel', () => {
  it('is that of the source: npm run build:wasm', () => {
    const source = readFileSync(new URL('../../../assembly/resample.ts', import.meta.url));
    expect(SOURCE).toBe(createHash('sha256').update(source).digest('hex'));
  });
});
