import { encodeMask, type ImageFrame, type ScoreMap } from '@maskloom/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { quantiseMap } from './map-data.js';
import { paintMap } from './map-picture.js';
import { OVERLAY_LIMIT, paintOverlay } from './overlay.js';

const grey = (width: number, height: number): ImageFrame => ({
  width,
  height,
  rgb: new Uint8Array(3 * width * height).fill(100),
  sha256: '00',
});

describe('paintOverlay', () => {
  it('tints the inside, paints the border solid and leaves the rest', async () => {
    const pixels = Uint8Array.from({ length: 49 }, (_, i) =>
      Number(i % 7 > 0 && i % 7 < 6 && i > 6 && i < 42),
    );
    const image = grey(7, 7);
    const png = await paintOverlay(image, [
      { label: 'a', score: 1, bbox: [1, 1, 5, 5], area: 25, mask: encodeMask(pixels, 7, 7) },
    ]);
    const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...data.subarray(3 * (7 * y + x), 3 * (7 * y + x) + 3)];
    expect(at(0, 0)).toEqual([100, 100, 100]);
    expect(at(1, 1)).toEqual([0xee, 0x66, 0x77]);
    expect(at(3, 3)).toEqual([0xee, 0x66, 0x77].map((c) => Math.round(100 * 0.55 + c * 0.45)));
    expect(image.rgb.every((v) => v === 100)).toBe(true);
  });

  it('scales a large image down to its limit', async () => {
    const { width, height } = await sharp(await paintOverlay(grey(OVERLAY_LIMIT * 2, 10), [])).metadata();
    expect([width, height]).toEqual([OVERLAY_LIMIT, 5]);
  });
});

describe('score maps', () => {
  const map = (values: number[], rows: number, columns: number): ScoreMap => ({
    kind: 'similarity',
    rows,
    columns,
    values: Float32Array.from(values),
    covers: [2, 0, 2, 4],
  });

  it('are scaled between their minimum and maximum; a flat map is all zero', () => {
    expect([...quantiseMap(map([-1, 0, 1, 3], 2, 2)).bytes]).toEqual([0, 64, 128, 255]);
    expect([...quantiseMap(map([5, 5], 1, 2)).bytes]).toEqual([0, 0]);
  });

  it('are painted only where they cover the image', async () => {
    const { data } = await sharp(await paintMap(grey(6, 4), map([0, 1], 1, 2)))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const row = Array.from({ length: 6 }, (_, x) => [...data.subarray(3 * x, 3 * x + 3)]);
    expect(row[0]).toEqual([100, 100, 100]);
    expect(row[4]).toEqual([100, 100, 100]);
    expect(row[2]).toEqual([68, 1, 84].map((c) => Math.round(28 + 0.72 * c)));
    expect(row[3]).toEqual([253, 231, 37].map((c) => Math.round(28 + 0.72 * c)));
  });
});
