import { definePlugin, defineStage, PointPrompter, type PointQuery } from '@maskloom/core';
import { z } from 'zod';
import { middle } from './middle.js';

/** One positive point at a place that the options give, whatever was asked. */
export const centralPoint = defineStage({
  slot: PointPrompter,
  name: 'newcomer/central-point',
  summary: 'One point in the middle of the image.',
  options: z.object({ at: z.number().min(0).max(1).default(0.5).describe('Share of width and height.') }),
  needs: ['image-states'],
  gives: ['point-prompt'],
  create: ({ at }) => ({
    prompt({ imageStates }: PointQuery) {
      const { width, height } = imageStates.transform.original;
      const xy = Float32Array.from([middle(width, at), middle(height, at)]);
      return Promise.resolve({ points: { frame: 'ImagePx', xy, labels: new Int8Array([1]) } });
    },
  }),
});

export const newcomer = definePlugin({
  name: 'newcomer',
  version: '1.0.0',
  api: '^1.0',
  stages: [centralPoint],
});
