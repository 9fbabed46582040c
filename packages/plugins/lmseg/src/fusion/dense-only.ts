import { z } from 'zod';
import { defineStage, FeatureFuser, localTensor, type FeatureMap, type RunContext } from '@maskloom/core';
import { unitGrid } from './unit-grid.js';

/**
 * No fusion: the text-aligned features alone, of length 1 in every cell. Needs no model, so any tower can be tried
 * with any text tower of its width.
 */
export const denseOnly = defineStage({
  slot: FeatureFuser,
  name: 'lmseg/dense-only',
  summary: 'Text-aligned features alone, normalised; no model.',
  options: z.object({}),
  needs: ['dense-features'],
  gives: ['fused-features'],
  create: () => ({
    fuse: async (dense: FeatureMap, _spatial: FeatureMap, run: RunContext) => {
      const { rows, columns, width } = dense;
      const tensor = localTensor([1, width, rows, columns], await unitGrid(dense));
      run.scope.own(tensor);
      return { features: { ...dense, layout: 'grid' as const, tensor } };
    },
  }),
});
