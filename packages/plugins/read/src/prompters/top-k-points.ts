import { z } from 'zod';
import {
  defineStage,
  PointPrompter,
  type PointQuery,
  type PointSet,
  type PointSuggestion,
  type StageFactory,
} from '@maskloom/core';
import { exactGeometry } from '../sasp/geometry.js';
import { clipTransform, similarityOf } from './query-similarity.js';

const options = z.object({
  positives: z
    .number()
    .int()
    .min(0)
    .max(4096)
    .default(1)
    .describe('Most similar image tokens, as positive points.'),
  negatives: z
    .number()
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .describe('Least similar image tokens, as negative points.'),
});

/** Options of {@link topKPoints}. */
export interface TopKPointsOptions {
  /** Most similar image tokens, as positive points; default 1. */
  readonly positives?: number | undefined;
  /** Least similar image tokens, as negative points; default 0. */
  readonly negatives?: number | undefined;
}

/**
 * The plain alternative to Similarity as Points: the most similar image tokens as positive and the least similar
 * ones as negative points, at the centres of their cells. Equal scores keep raster order; no token is both.
 */
export const topKPoints: StageFactory<
  'PointPrompter',
  z.ZodType<unknown, TopKPointsOptions | undefined>,
  'query-state' | 'image-states',
  'point-prompt'
> = defineStage({
  slot: PointPrompter,
  name: 'read/top-k-points',
  summary: 'The k most similar image tokens as positive, the k least similar as negative points.',
  options,
  needs: ['query-state', 'image-states'],
  gives: ['point-prompt'],
  create: ({ positives, negatives }) => ({
    prompt: async (query: PointQuery): Promise<PointSuggestion> => {
      const { scores, map } = await similarityOf(query);
      const at = (cell: number): number => scores.values[cell] ?? 0;
      const order = Array.from(scores.values.keys()).sort((a, b) => at(b) - at(a) || a - b);
      const chosen = order.slice(0, positives);
      const rest = order.slice(chosen.length).sort((a, b) => at(a) - at(b) || a - b);
      const low = rest.slice(0, negatives);
      const geometry = exactGeometry(clipTransform(query.imageStates));
      const points: PointSet<'ImagePx'> = {
        frame: 'ImagePx',
        xy: Float32Array.from([...chosen, ...low].flatMap((cell) => geometry.place(scores, cell))),
        labels: Int8Array.from([...chosen.map(() => 1), ...low.map(() => 0)]),
      };
      return { points, map };
    },
  }),
});
