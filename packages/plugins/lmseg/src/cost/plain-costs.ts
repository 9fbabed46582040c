import { z } from 'zod';
import {
  CostAggregator,
  defineStage,
  throwIfAborted,
  type DenseView,
  type RunContext,
  type ScoreSession,
  type StageFactory,
  type TextEmbeddings,
} from '@maskloom/core';
import { costVolume, type FusedGrid } from './cost-volume.js';
import { planChunks } from './plan-chunks.js';
import { readGrid } from './read-grid.js';

const options = z.object({
  scale: z.number().positive().default(20).describe('Logits are scale * (cosine - middle).'),
  middle: z.number().min(-1).max(1).default(0.5).describe('The cosine whose probability is one half.'),
  chunk: z.number().int().min(1).default(256).describe('Classes given at once.'),
});

/** Options of {@link plainCosts}. */
export interface PlainCostsOptions {
  /** Logits are `scale * (cosine - middle)`; above 0, default 20. */
  readonly scale?: number | undefined;
  /** The cosine, -1..1, whose probability is one half; default 0.5. */
  readonly middle?: number | undefined;
  /** Classes given at once; default 256. */
  readonly chunk?: number | undefined;
}

/**
 * The cost volume as it is: no enhancement, no decoder, no model. What the features say by themselves, at their grid's
 * resolution; for towers that no aggregation was trained for.
 */
export const plainCosts: StageFactory<
  'CostAggregator',
  z.ZodType<unknown, PlainCostsOptions | undefined>,
  'fused-features' | 'text-embedding',
  'class-scores'
> = defineStage({
  slot: CostAggregator,
  name: 'lmseg/plain-costs',
  summary: 'The cosines themselves as scores; no model.',
  options,
  needs: ['fused-features', 'text-embedding'],
  gives: ['class-scores'],
  create: ({ scale, middle, chunk: size }) => ({
    prepare: async (
      views: readonly DenseView[],
      text: TextEmbeddings,
      run: RunContext,
    ): Promise<ScoreSession> => {
      throwIfAborted(run.signal, 'lmseg/plain-costs');
      const grids: FusedGrid[] = [];
      for (const { fused } of views) grids.push(await readGrid(fused.features, text));
      const { chunks } = planChunks(grids, text, { size });
      return {
        chunks: chunks.length,
        scores: async (index: number) => {
          const classes = chunks[index] ?? [];
          const logits = grids.map((grid) =>
            costVolume(grid, text, classes).map((cost) => scale * (cost - middle)),
          );
          const [{ rows, columns } = { rows: 0, columns: 0 }] = grids;
          return { classes, rows, columns, logits };
        },
      };
    },
  }),
});
