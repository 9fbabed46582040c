import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  defineStage,
  Tiler,
  type ImageFrame,
  type ImageView,
  type StageFactory,
  type TilePlan,
} from '@maskloom/core';
import { cropBoxes, type CropBox } from './crop-boxes.js';

const options = z.object({
  cropNLayers: z
    .int()
    .min(0)
    .max(6)
    .default(0)
    .describe('Layers of crops besides the whole image; layer n has 2^n crops along each side.'),
  cropOverlapRatio: z
    .number()
    .min(0)
    .max(1)
    .default(512 / 1500)
    .describe("Overlap of the first layer's crops as a share of the image's shorter side."),
});

/** Options of {@link samCrops}, under the names and with the defaults of segment-anything's generator. */
export interface SamCropsOptions {
  /** Layers of crops besides the whole image; layer n has 2^n crops along each side; default 0. */
  readonly cropNLayers?: number | undefined;
  /** Overlap of the first layer's crops as a share of the image's shorter side; default 512 / 1500. */
  readonly cropOverlapRatio?: number | undefined;
}

/**
 * The image whole, and its crops at its own scale, see `cropBoxes`. Crops need not be of one size: each
 * is padded to the encoder's. A crop's pixels are copied when they are first looked at, and not kept by the plan.
 */
export const samCrops: StageFactory<
  'Tiler',
  z.ZodType<unknown, SamCropsOptions | undefined>,
  'image',
  'views'
> = defineStage({
  slot: Tiler,
  name: 'sam/crops',
  summary: 'The whole image, and layers of overlapping crops of it.',
  options,
  needs: ['image'],
  gives: ['views'],
  create: ({ cropNLayers, cropOverlapRatio }) => ({
    plan: async (image: ImageFrame): Promise<TilePlan> => ({
      canvas: { width: image.width, height: image.height },
      views: cropBoxes(image, cropNLayers, cropOverlapRatio).map((box) => viewOf(image, box)),
    }),
  }),
});

function viewOf(image: ImageFrame, { layer, ...box }: CropBox): ImageView {
  if (layer === 0) return { image, kind: 'global', x: 0, y: 0, layer };
  return {
    kind: 'window',
    x: box.x,
    y: box.y,
    layer,
    get image() {
      return cut(image, box);
    },
  };
}

function cut(image: ImageFrame, { x, y, width, height }: Omit<CropBox, 'layer'>): ImageFrame {
  const rgb = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((y + row) * image.width + x);
    rgb.set(image.rgb.subarray(from, from + 3 * width), 3 * row * width);
  }
  const sha256 = createHash('sha256').update(rgb).update(`${width}x${height}`).digest('hex');
  return { width, height, rgb, sha256, partOf: image.sha256 };
}
