import { z } from 'zod';
import {
  Assembler,
  defineStage,
  type BuildContext,
  type DecodedMasks,
  type MaskLabel,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { keptOf, maskNms, pickMasks, scoresOf, thresholdAssembler } from '@maskloom/sam';
import { readRosePreset } from '../preset.js';

/** Options of {@link instanceAssembler}, as a schema. */
export const instanceOptions = z.object({
  nmsIou: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Mask IoU above which the weaker of two proposals goes; the bundle's when absent; 1 keeps all.",
    ),
  minScore: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Proposals of a lower score are not shown; the bundle's threshold when absent; 0 for average precision.",
    ),
  minArea: z.number().int().min(0).default(1).describe('Masks with fewer pixels are dropped.'),
});

/** Options of {@link instanceAssembler}. */
export interface InstanceAssemblerOptions {
  /** Mask IoU above which the weaker of two proposals goes; the bundle's when absent; 1 keeps all. */
  readonly nmsIou?: number | undefined;
  /** Proposals of a lower score are not shown; the bundle's threshold when absent; 0 for average precision. */
  readonly minScore?: number | undefined;
  /** Masks with fewer pixels are dropped; default 1. */
  readonly minArea?: number | undefined;
}

/**
 * Instances (section 4.2): non-maximum suppression on masks whatever their names, at the decoder's resolution, and a
 * score threshold; only survivors are brought to image size. A segment's score is the patch's objectness.
 */
export const instanceAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, InstanceAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: 'rose/instance-assembler',
  summary: 'ROSE: one segment per proposal that no better one covers.',
  options: instanceOptions,
  needs: ['mask-logits'],
  gives: ['segments'],
  create: (given, context) => createInstances(given, context),
});

/** The stage behind {@link instanceAssembler}. */
export async function createInstances(
  { nmsIou, minScore, minArea }: z.output<typeof instanceOptions>,
  context: BuildContext,
) {
  const preset = readRosePreset(context.models);
  const limit = nmsIou ?? preset.nmsIou;
  const least = minScore ?? preset.threshold;
  const finish = await thresholdAssembler({ minArea }).create(context);
  const survivors = async (decoded: DecodedMasks, scores: readonly number[]) =>
    (await maskNms(decoded, scores, limit)).filter((n) => (scores[n] ?? 0) >= least);
  return {
    survivors,
    assemble: async (decoded: DecodedMasks, labels: readonly MaskLabel[], run: RunContext) => {
      const scores = scoresOf(decoded, labels, 'rose/instance-assembler');
      const kept = await keptOf(decoded, scores, survivors);
      const wanted = kept.flatMap((n) => labels[n] ?? []);
      return finish.assemble(pickMasks(decoded, kept), wanted, run);
    },
  };
}
