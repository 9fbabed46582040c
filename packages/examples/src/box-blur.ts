import { z } from 'zod';
import { defineStage } from '@maskloom/core';
import { MaskSmoother } from './mask-smoother.js';

/** Each logit becomes the mean of the logits at most `radius` cells away in x and in y; at the edge, of those there. */
export const boxBlur = defineStage({
  slot: MaskSmoother,
  name: 'example/box-blur',
  summary: 'The mean of a square around each logit.',
  options: z.object({ radius: z.int().min(0).default(1).describe('Cells to each side.') }),
  needs: ['mask-logits'],
  gives: ['smooth-logits'],
  create: ({ radius }) => ({
    async smooth(masks) {
      const { width, height, count } = masks;
      const logits = new Float32Array(masks.logits.length);
      for (let n = 0; n < count; n++) {
        const mask = masks.logits.subarray(n * width * height, (n + 1) * width * height);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            logits[(n * height + y) * width + x] = meanAround(mask, width, height, x, y, radius);
      }
      return { ...masks, logits };
    },
  }),
});

function meanAround(mask: Float32Array, width: number, height: number, x: number, y: number, radius: number) {
  let [sum, cells] = [0, 0];
  for (let j = Math.max(0, y - radius); j <= Math.min(height - 1, y + radius); j++)
    for (let i = Math.max(0, x - radius); i <= Math.min(width - 1, x + radius); i++, cells++)
      sum += mask[j * width + i] ?? 0;
  return sum / cells;
}
