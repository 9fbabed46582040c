import { z } from 'zod';
import { defineStage, PointPrompter, type PointSuggestion } from '@maskloom/core';

/**
 * Gives no points: the mask comes from the embedding alone. It does not give the signal `point-prompt`, so a
 * recipe that lives on points alone refuses it.
 */
export const noPoints = defineStage({
  slot: PointPrompter,
  name: 'read/no-points',
  summary: 'No points; the mask comes from the <SEG> embedding alone.',
  options: z.object({}),
  needs: [],
  gives: [],
  create: () => ({
    prompt: async (): Promise<PointSuggestion> => ({
      points: { frame: 'ImagePx', xy: new Float32Array(0), labels: new Int8Array(0) },
    }),
  }),
});
