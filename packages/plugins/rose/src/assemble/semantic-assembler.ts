import { z } from 'zod';
import {
  Assembler,
  defineStage,
  type BuildContext,
  type DecodedMasks,
  type MaskLabel,
  type RunContext,
  type Segment,
  type StageFactory,
} from '@maskloom/core';
import { keptOf, maskNms, mergeByName, pickMasks, scoresOf } from '@maskloom/sam';
import { readRosePreset } from '../preset.js';

const NAME = 'rose/semantic-assembler';

/** Options of {@link semanticAssembler}, as a schema. */
export const semanticOptions = z.object({
  combine: z
    .enum(['max', 'sum'])
    .optional()
    .describe(
      "How proposals of one name make a channel: the best of them, or their sum; the bundle's when absent.",
    ),
  least: z
    .number()
    .min(0)
    .optional()
    .describe(
      "Channel value below which a pixel has no name; the bundle's when absent; 0 names every pixel.",
    ),
  nmsIou: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "Mask IoU above which the weaker of two proposals goes; the bundle's when absent; 1 keeps all.",
    ),
});

/** Options of {@link semanticAssembler}. */
export interface SemanticAssemblerOptions {
  /** How proposals of one name make a channel: the best of them, or their sum; the bundle's when absent. */
  readonly combine?: 'max' | 'sum' | undefined;
  /** Channel value below which a pixel has no name; the bundle's when absent; 0 names every pixel. */
  readonly least?: number | undefined;
  /** Mask IoU above which the weaker of two proposals goes; the bundle's when absent; 1 keeps all. */
  readonly nmsIou?: number | undefined;
}

/**
 * Semantics (section 4.2): after suppression, proposals of one name are merged into N + 1 channels as in Mask2Former, see
 * `mergeChannels` of @maskloom/sam; one segment per name, none of them overlap.
 */
export const semanticAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, SemanticAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: NAME,
  summary: 'ROSE: proposals of one name merged into a channel, every pixel to the highest.',
  options: semanticOptions,
  needs: ['mask-logits'],
  gives: ['segments'],
  create: (given, context) => createSemantics(given, context),
});

/** The stage behind {@link semanticAssembler}. */
export function createSemantics(
  { combine, least, nmsIou }: z.output<typeof semanticOptions>,
  context: BuildContext,
) {
  const preset = readRosePreset(context.models);
  const rule = { combine: combine ?? preset.semantic, least: least ?? preset.background };
  const limit = nmsIou ?? preset.nmsIou;
  const survivors = (decoded: DecodedMasks, scores: readonly number[]) => maskNms(decoded, scores, limit);
  return {
    survivors,
    assemble: async (
      decoded: DecodedMasks,
      labels: readonly MaskLabel[],
      run: RunContext,
    ): Promise<readonly Segment[]> => {
      const kept = await keptOf(decoded, scoresOf(decoded, labels, NAME), survivors);
      const wanted = kept.flatMap((n) => labels[n] ?? []);
      return mergeByName(pickMasks(decoded, kept), wanted, rule, NAME, run.signal);
    },
  };
}
