import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  decodeMask,
  encodeMask,
  maskArea,
  maskBox,
  maskIou,
  maskOfPolygons,
  mergeMasks,
  runsOfRle,
} from './exports.js';

interface Golden {
  masks: {
    height: number;
    width: number;
    counts: string;
    uncompressed: number[];
    area: number;
    bbox: number[];
    ones?: number[];
  }[];
  merges: { height: number; width: number; counts: string[]; union: string; intersection: string }[];
  ious: { height: number; width: number; counts: string[]; crowd: boolean; iou: number[][] }[];
  polygons: { polygon: number[]; height: number; width: number; counts: string }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/rle-golden.json', import.meta.url), 'utf8'),
) as Golden;

describe('run-length encoding against pycocotools', () => {
  it.each(golden.masks.map((mask, i) => [i, mask] as const))('mask %i', (_, mask) => {
    const rle = { size: [mask.height, mask.width] as const, counts: mask.counts };
    expect([...runsOfRle(rle).counts]).toEqual(mask.uncompressed);
    expect(maskArea(rle)).toBe(mask.area);
    expect(maskBox(rle)).toEqual(mask.bbox);
    const { pixels } = decodeMask(rle);
    expect(encodeMask(pixels, mask.width, mask.height)).toEqual({
      size: [mask.height, mask.width],
      counts: mask.counts,
    });
    if (mask.ones) expect([...pixels.keys()].filter((p) => pixels[p] === 1)).toEqual(mask.ones);
  });

  it.each(golden.merges.map((merge, i) => [i, merge] as const))('merge %i', (_, merge) => {
    const masks = merge.counts.map((counts) => ({ size: [merge.height, merge.width] as const, counts }));
    expect(mergeMasks(masks, 'union').counts).toBe(merge.union);
    expect(mergeMasks(masks, 'intersection').counts).toBe(merge.intersection);
  });

  it.each(golden.ious.map((table, i) => [i, table] as const))(
    'IoU table %i',
    (_, { height, width, counts, crowd, iou }) => {
      const masks = counts.map((text) => ({ size: [height, width] as const, counts: text }));
      const found = masks.map((a) => masks.map((b) => maskIou(a, b, crowd)));
      expect(found).toEqual(iou);
    },
  );

  it.each(golden.polygons.map((polygon, i) => [i, polygon] as const))(
    'polygon %i',
    (_, { polygon, height, width, counts }) => {
      expect(maskOfPolygons([polygon], width, height)).toEqual({ size: [height, width], counts });
    },
  );
});
