import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  decodeMask,
  encodeLabel,
  encodeLabels,
  encodeMask,
  indexMasks,
  indexRuns,
  iouTable,
  maskArea,
  maskBox,
  maskIou,
  maskOfPolygons,
  mergeMasks,
  runsOfRle,
} from './exports.js';
import { Draw, rolled, sweepMask, sweepPolygon, type SweepMask } from './sweep.test-helper.js';

interface Golden {
  seed: number;
  /** Counts, area, box. */
  masks: [string, number, number, number, number, number][];
  /** Index of a mask; union and intersection with two moved copies; IoU table, the second one a crowd. */
  groups: [number, string, string, number[]][];
  polygons: string[];
  /** Index of a polygon; its union with its mirror image. */
  joined: [number, string][];
}

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/sweep-golden.json', import.meta.url), 'utf8'),
) as Golden;

describe('2,000 random and adversarial masks and polygons against pycocotools', () => {
  const draw = new Draw(golden.seed);
  const masks = golden.masks.map((_, i) => sweepMask(draw, i % 12));
  const shapes = golden.polygons.map((_, i) => sweepPolygon(draw, i % 8));
  const encode = ({ pixels, width, height }: SweepMask): ReturnType<typeof encodeMask> =>
    encodeMask(pixels, width, height);

  it('are 1,200 and 800', () => {
    expect([masks.length, shapes.length]).toEqual([1200, 800]);
  });

  it('masks encode to the same bytes, decode to the same pixels, and have the same areas and boxes', () => {
    masks.forEach((mask, i) => {
      const [counts, area, ...box] = golden.masks[i] as Golden['masks'][number];
      const rle = encode(mask);
      expect(rle, `mask ${i}`).toEqual({ size: [mask.height, mask.width], counts });
      // Compared as bytes: a matcher that walks arrays takes seconds for this many pixels.
      expect(Buffer.compare(decodeMask(rle).pixels, mask.pixels), `mask ${i}`).toBe(0);
      expect([maskArea(rle), ...maskBox(rle)], `mask ${i}`).toEqual([area, ...box]);
    });
  });

  it('label maps of every kind of array give the masks of their values', () => {
    masks.slice(0, 240).forEach((mask, i) => {
      const { width, height, pixels } = mask;
      const counts = golden.masks[i]?.[0];
      for (const labels of [pixels, Uint16Array.from(pixels), Int32Array.from(pixels)])
        expect(encodeLabels(labels, width, height).get(1)?.counts ?? counts).toBe(counts);
      const high = { 8: pixels.map((p) => 7 * p + 3), 32: Int32Array.from(pixels, (p) => (p ? 70_000 : -1)) };
      expect(encodeLabel(high[8], width, height, 10).counts).toBe(counts);
      expect(encodeLabel(high[32], width, height, 70_000).counts).toBe(counts);
      expect(
        encodeLabel(
          Uint16Array.from(pixels, (p) => 900 * p),
          width,
          height,
          900,
        ).counts,
      ).toBe(counts);
      // Any non-zero value is set, and rows may begin anywhere in memory.
      const loose = new Uint8Array(pixels.length + 3).subarray(3);
      loose.set(pixels.map((p, at) => (p ? 1 + (at % 255) : 0)));
      expect(encodeMask(loose, width, height).counts).toBe(counts);
    });
  });

  it('merges and IoUs, crowds included, are the same', () => {
    for (const [i, union, intersection, ious] of golden.groups) {
      const mask = masks[i] as SweepMask;
      const trio = [mask, rolled(mask, 1, 2), rolled(mask, 5, -3)].map(encode);
      expect(mergeMasks(trio).counts, `mask ${i}`).toBe(union);
      expect(mergeMasks(trio, 'intersection').counts, `mask ${i}`).toBe(intersection);
      const ready = indexMasks(trio);
      expect(ready).toEqual(trio.map((rle) => indexRuns(runsOfRle(rle))));
      expect(ready.map(({ area, box }) => [area, ...box])).toEqual(
        trio.map((rle) => [maskArea(rle), ...maskBox(rle)]),
      );
      expect([...iouTable(ready, ready, [false, true, false])], `mask ${i}`).toEqual(ious);
      const pairs = trio.flatMap((a) => trio.map((b, g) => maskIou(a, b, g === 1)));
      expect(pairs, `mask ${i}`).toEqual(ious);
    }
  });

  it('polygons encode to the same bytes', () => {
    shapes.forEach(({ polygon, width, height }, i) => {
      expect(maskOfPolygons([polygon], width, height).counts, `polygon ${i}: ${polygon}`).toBe(
        golden.polygons[i],
      );
    });
    for (const [i, counts] of golden.joined) {
      const { polygon, width, height } = shapes[i] as (typeof shapes)[number];
      const mirror = polygon.map((v, k) => (k % 2 === 0 ? width - v : v));
      expect(maskOfPolygons([polygon, mirror], width, height).counts, `polygons ${i}`).toBe(counts);
    }
  });
});
