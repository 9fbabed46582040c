import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOfRuns, decodeMask, encodeMask, runsOfPixels, rleOfRuns } from '@maskloom/core';
import { conformanceCases, probe, mustEqual, must, noise } from '@maskloom/core/conformance';
import { cropBoxes } from './crop-boxes.js';
import { samCrops } from './crops.js';
import { maskSifter } from './mask-sifter.js';
import { placeMask } from './place-mask.js';
import { pointGrid } from './point-grid.js';
import { withoutSmallRegions } from './small-regions.js';
import { survivors } from './suppress.js';

const bitmap = (width: number, height: number) =>
  fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height });
const sized = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    bitmap(width, height).map((bits) => ({ width, height, pixels: Uint8Array.from(bits) })),
  );

describe('cropBoxes', () => {
  it('are those of the reference', () => {
    // generate_crop_boxes((220, 300), 2, 512 / 1500) of segment-anything.
    const boxes = cropBoxes({ width: 300, height: 220 }, 2, 512 / 1500);
    expect(boxes.slice(0, 5).map(({ x, y, width, height }) => [x, y, x + width, y + height])).toEqual([
      [0, 0, 300, 220],
      [0, 0, 188, 148],
      [0, 73, 188, 220],
      [113, 0, 300, 148],
      [113, 73, 300, 220],
    ]);
    expect(boxes).toHaveLength(1 + 4 + 16);
    for (const { x, y, width, height } of boxes)
      expect(x >= 0 && y >= 0 && x + width <= 300 && y + height <= 220).toBe(true);
  });

  it('of a tiny image have pixels, each of them', () => {
    for (const size of [
      { width: 1, height: 1 },
      { width: 5, height: 2 },
    ])
      for (const { width, height } of cropBoxes(size, 3, 0.3))
        expect(Math.min(width, height)).toBeGreaterThan(0);
  });
});

describe('placeMask', () => {
  it('puts the pixels of a crop where they belong', () => {
    fc.assert(
      fc.property(sized, fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4), (crop, x, y, right, below) => {
        const image = { width: crop.width + x + right, height: crop.height + y + below };
        const expected = new Uint8Array(image.width * image.height);
        crop.pixels.forEach((pixel, i) => {
          expected[(y + Math.floor(i / crop.width)) * image.width + x + (i % crop.width)] = pixel;
        });
        const placed = placeMask(encodeMask(crop.pixels, crop.width, crop.height), x, y, image);
        expect(placed).toEqual(encodeMask(expected, image.width, image.height));
      }),
    );
  });
});

/** `remove_small_regions` on pixels, by flood fill: the plain way. */
function plainly(
  { width, height, pixels }: { width: number; height: number; pixels: Uint8Array },
  minArea: number,
) {
  const regions = (value: number, from: Uint8Array): number[][] => {
    const seen = new Uint8Array(from.length);
    const found: number[][] = [];
    from.forEach((pixel, start) => {
      if (pixel !== value || seen[start] === 1) return;
      const region = [start];
      seen[start] = 1;
      for (const at of region)
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            const [x, y] = [(at % width) + dx, Math.floor(at / width) + dy];
            const next = y * width + x;
            if (x < 0 || y < 0 || x >= width || y >= height || from[next] !== value || seen[next] === 1)
              continue;
            seen[next] = 1;
            region.push(next);
          }
      found.push(region);
    });
    return found;
  };
  const filled = pixels.slice();
  for (const hole of regions(0, pixels)) if (hole.length < minArea) for (const at of hole) filled[at] = 1;
  const islands = regions(1, filled);
  const most = Math.max(0, ...islands.map((island) => island.length));
  const kept = islands.some(({ length }) => length >= minArea)
    ? islands.filter(({ length }) => length >= minArea)
    : islands.filter(({ length }) => length === most).slice(0, 1);
  const out = new Uint8Array(pixels.length);
  for (const at of kept.flat()) out[at] = 1;
  return out;
}

describe('withoutSmallRegions', () => {
  it('fills holes and removes islands as a flood fill does', () => {
    fc.assert(
      fc.property(sized, fc.integer({ min: 1, max: 20 }), (mask, minArea) => {
        const mended = withoutSmallRegions(runsOfPixels(mask.pixels, mask.width, mask.height), minArea);
        expect(rleOfRuns(mended)).toEqual(encodeMask(plainly(mask, minArea), mask.width, mask.height));
      }),
      { numRuns: 400 },
    );
  });

  it('gives back the mask itself where nothing is small', () => {
    const runs = runsOfPixels(Uint8Array.of(1, 1, 0, 0), 2, 2);
    expect(withoutSmallRegions(runs, 2)).toBe(runs);
  });
});

describe('survivors', () => {
  // Two L-shapes that fill one square between them, and the first of them once more, a pixel smaller.
  const mask = (...bits: number[]) => {
    const rle = encodeMask(Uint8Array.from(bits), 3, 3);
    return { mask: rle, bbox: [0, 0, 3, 3] as const };
  };
  const items = [
    mask(1, 1, 1, 1, 0, 0, 1, 0, 0),
    mask(0, 0, 1, 0, 1, 1, 1, 1, 1),
    mask(1, 1, 1, 1, 0, 0, 1, 1, 0),
  ];

  it('keeps different masks in one box where masks are compared, and near-duplicates never', () => {
    expect(survivors(items, [0.7, 0.8, 0.9], 0.7, 'boxes')).toEqual([2]);
    expect(survivors(items, [0.7, 0.8, 0.9], 0.7, 'masks')).toEqual([2, 1]);
  });

  it('compares masks as their pixels do, for any masks and limit', () => {
    fc.assert(
      fc.property(
        fc.array(bitmap(4, 3), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, limit) => {
          const iou = (a: number[], b: number[]): number =>
            a.filter((bit, i) => bit && b[i]).length / Math.max(1, a.filter((bit, i) => bit || b[i]).length);
          const plain: number[] = [];
          all.forEach((bits, n) => {
            if (plain.every((other) => iou(all[other] ?? [], bits) <= limit)) plain.push(n);
          });
          const masks = all.map((bits) => {
            const pixels = Uint8Array.from(bits);
            return { mask: encodeMask(pixels, 4, 3), bbox: boxOfRuns(runsOfPixels(pixels, 4, 3)) };
          });
          const scores = all.map(() => 1);
          expect(survivors(masks, scores, limit, 'masks')).toEqual(plain);
        },
      ),
    );
  });

  it('goes by place where scores are equal', () => {
    expect(survivors(items, [1, 1, 1], 0.7, 'boxes')).toEqual([0]);
  });
});

describe('the stages', () => {
  const samplerProbe = probe('PointSampler', {
    call: (stage, at, run) => {
      const view = { image: at.image, kind: 'global', x: 0, y: 0, layer: 0 } as const;
      return stage.sample(view, { canvas: at.image, views: [view] }, run);
    },
    check: (batches, _stage, at) => {
      must(batches.length > 0, 'no points');
      for (const { xy, labels } of batches) {
        mustEqual([xy.length], [2 * labels.length], 'x and y of each');
        must(
          xy.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? at.image.width : at.image.height)),
          'outside of the view',
        );
      }
    },
  });
  const sifterProbe = probe('MaskSifter', {
    call: async (stage, at, run) => {
      const { mask: side } = at.sizes;
      const image = at.image;
      const view = { image, kind: 'global', x: 0, y: 0, layer: 0 } as const;
      const masks = {
        logits: at.keep(noise(6 * side * side, 3)),
        count: 6,
        height: side,
        width: side,
        quality: Float32Array.of(0.5, 0.95, 0.97, 0.99, 0.4, 0.96),
        transform: at.samTransform(),
      };
      const points = {
        frame: 'ImagePx',
        xy: Float32Array.of(1, 1, 2, 2),
        labels: Int8Array.of(1, 1),
      } as const;
      const kept = await stage.suppress(await stage.sift({ image, view, points, masks }, run), run);
      return stage.finish(kept, { canvas: image, views: [view] }, 'segment', run);
    },
    check: (segments, _stage, at) => {
      for (const { mask, area } of segments) {
        mustEqual(mask.size, [at.image.height, at.image.width], 'the size');
        mustEqual([decodeMask(mask).pixels.reduce((sum, pixel) => sum + pixel, 0)], [area], 'the area');
      }
    },
  });

  const cases = [
    ...conformanceCases('Tiler', samCrops({ cropNLayers: 1 })),
    ...conformanceCases('PointSampler', pointGrid({ pointsPerSide: 3, pointsPerBatch: 4 }), {
      probe: samplerProbe,
    }),
    ...conformanceCases('MaskSifter', maskSifter({ stabilityScoreThresh: 0, minMaskRegionArea: 4 }), {
      probe: sifterProbe,
    }),
  ];
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run());

  it('say which option is wrong, and when a layer has no points', async () => {
    expect(() => pointGrid({ pointsPerSide: 0 })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
    expect(() => maskSifter({ boxNmsThresh: 2 })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
    const grid = await pointGrid({ pointsPerSide: 2, cropNPointsDownscaleFactor: 4 }).create({} as never);
    const image = { width: 4, height: 4, rgb: new Uint8Array(48), sha256: 'x' };
    const view = { image, kind: 'window', x: 0, y: 0, layer: 1 } as const;
    await expect(grid.sample(view, { canvas: image, views: [view] }, {} as never)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });
});
