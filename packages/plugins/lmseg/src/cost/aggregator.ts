import { z } from 'zod';
import {
  CostAggregator,
  defineStage,
  MaskloomError,
  type DenseView,
  type RunContext,
  type ScoreSession,
  type StageFactory,
  type TextEmbeddings,
} from '@maskloom/core';
import { readLmsegPreset } from '../preset.js';
import { Aggregation, type AggregatedView } from './aggregation.js';
import { openCostModels } from './enhancement.js';
import { planChunks } from './plan-chunks.js';
import { readGrid } from './read-grid.js';

const options = z.object({
  chunk: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      "Classes worked on at once; the preset's when absent. More need more memory; the result is the same.",
    ),
  maxClasses: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      "Only so many classes, those of the highest cost anywhere, take part (CAT-Seg: 256); the preset's, normally all, when absent.",
    ),
  topK: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'In each view, only so many classes, those of the highest cost there, take part (CAT-Seg: 256); the others score 0 there. All when absent.',
    ),
  outerResidual: z
    .boolean()
    .optional()
    .describe(
      "Whether a class layer's input is added once more to its result, as CAT-Seg's weights need; the preset's, normally not, when absent.",
    ),
  keepBytes: z
    .number()
    .int()
    .min(0)
    .default(256 * 2 ** 20)
    .describe('Memory for intermediate embeddings; what does not fit is worked out again.'),
});

/** Options of {@link costAggregation}. */
export interface CostAggregationOptions {
  /** Classes worked on at once, 1..4096; the preset's when absent. More need more memory; the result is the same. */
  readonly chunk?: number | undefined;
  /** Only so many classes, those of the highest cost anywhere, take part (CAT-Seg: 256); the preset's when absent. */
  readonly maxClasses?: number | undefined;
  /**
   * A coarse pass for long lists: in each view only so many classes, those of the highest cost there (at least 1; CAT-Seg:
   * 256), take part; the others have probability 0 there. All when absent: then nothing is left out.
   */
  readonly topK?: number | undefined;
  /**
   * Whether a class layer's input is added once more behind its inner residuals, as in CAT-Seg's released code: its
   * published weights need it, the embedded ones are trained without; the preset's when absent.
   */
  readonly outerResidual?: boolean | undefined;
  /** Bytes kept of intermediate embeddings; what does not fit is worked out again; default 256 MiB. */
  readonly keepBytes?: number | undefined;
}

/**
 * LMSeg's cost volume and what is made of it: cosine of every cell with every class, spatial enhancement (shifted
 * windows) and class enhancement (linear attention) as far as the recipe has models for them, and the upsampling
 * decoder. Any number of classes, a chunk at a time, with the result of all at once.
 */
export const costAggregation: StageFactory<
  'CostAggregator',
  z.ZodType<unknown, CostAggregationOptions | undefined>,
  'fused-features' | 'dense-features' | 'text-embedding',
  'class-scores'
> = defineStage({
  slot: CostAggregator,
  name: 'lmseg/cost-aggregation',
  summary: 'Cost volume, its spatial and class enhancement, and upsampling, in chunks of classes.',
  options,
  needs: ['fused-features', 'dense-features', 'text-embedding'],
  gives: ['class-scores'],
  async create({ chunk, maxClasses, topK, outerResidual, keepBytes }, { models }) {
    const preset = readLmsegPreset(models);
    const parts = await openCostModels(models, preset.layers);
    const size = chunk ?? preset.chunk;
    const outer = outerResidual ?? preset.outerResidual;
    const most = maxClasses ?? preset.classCap ?? undefined;
    return {
      device: parts.embed.device,
      prepare: async (
        views: readonly DenseView[],
        text: TextEmbeddings,
        run: RunContext,
      ): Promise<ScoreSession> => {
        const read: AggregatedView[] = [];
        for (const { fused, guidance } of views) {
          const grid = await readGrid(fused.features, text);
          read.push({ grid, guidance: guidance.tensor, taps: tapsFor(parts.upsample, guidance.taps ?? []) });
        }
        const chunks = planChunks(
          read.map(({ grid }) => grid),
          text,
          { size, most, topK },
        );
        if (most !== undefined && most < text.count)
          run.warn(`${text.count - most} of ${text.count} classes were left out by maxClasses.`);
        const aggregation = new Aggregation(parts, read, text, { chunks, keepBytes, outerResidual: outer });
        await aggregation.prepare(run);
        return {
          chunks: chunks.chunks.length,
          scores: (index: number, within: RunContext) => aggregation.scores(index, within),
        };
      },
    };
  },
});

/** The taps that the upsampling model has inputs for. */
function tapsFor(
  upsample: { readonly id: string; readonly inputs: readonly { readonly name: string }[] },
  taps: NonNullable<DenseView['guidance']['taps']>,
): NonNullable<DenseView['guidance']['taps']> {
  const wanted = upsample.inputs.filter(({ name }) => /^tap\d+$/.test(name)).length;
  if (taps.length >= wanted) return taps.slice(0, wanted);
  throw new MaskloomError(
    'STAGE_MISMATCH',
    `The upsampling model ${upsample.id} wants ${wanted} intermediate layers, the tower gives ${taps.length}.`,
    {
      where: 'lmseg/cost-aggregation',
      hint: 'Use a tower that gives taps (clipDense), or plainCosts() in the place of the aggregation.',
    },
  );
}
