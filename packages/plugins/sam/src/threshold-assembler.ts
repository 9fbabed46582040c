import { z } from 'zod';
import {
  Assembler,
  defineStage,
  MaskloomError,
  resolveMasksInSlices,
  type DecodedMasks,
  type MaskLabel,
  type RunContext,
  type Segment,
  type StageFactory,
} from '@maskloom/core';

const options = z.object({
  threshold: z.number().default(0).describe('A pixel is set when its logit is above this.'),
  minArea: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe('Masks with fewer pixels are dropped; 1 drops empty ones, 0 keeps them.'),
});

/** Options of {@link thresholdAssembler}. */
export interface ThresholdAssemblerOptions {
  /** A pixel is set when its logit is above this; default 0. */
  readonly threshold?: number | undefined;
  /** Masks with fewer pixels are dropped; default 1, which drops empty ones; 0 keeps them. */
  readonly minArea?: number | undefined;
}

/**
 * One segment per decoded mask: logits to image size, threshold, tight box. A mask of fewer than `minArea`
 * pixels is no segment, so an empty mask means "not there", as in READ's and SESAME's presence rule.
 */
export const thresholdAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, ThresholdAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: 'sam/threshold-assembler',
  summary: 'One segment per mask: logits above a threshold at image size; empty masks are dropped.',
  options,
  needs: ['mask-logits'],
  gives: ['segments'],
  create: ({ threshold, minArea }) => ({
    assemble: async (
      decoded: DecodedMasks,
      labels: readonly MaskLabel[],
      run: RunContext,
    ): Promise<readonly Segment[]> => {
      if (labels.length !== decoded.count) {
        throw new MaskloomError('VALUE_INVALID', `${labels.length} labels for ${decoded.count} masks.`, {
          where: 'sam/threshold-assembler',
          hint: 'Give one label per mask, in the order of the masks.',
        });
      }
      const { masks, areas, boxes } = await resolveMasksInSlices(decoded, { threshold }, run.signal);
      return masks.flatMap((mask, i): Segment[] => {
        const given = labels[i];
        const area = areas[i] ?? 0;
        if (given === undefined || area < minArea) return [];
        const { label, score = probability(decoded.quality[i] ?? 0), evidence } = given;
        const bbox = boxes[i] ?? ([0, 0, 0, 0] as const);
        return [{ label, score, bbox, area, mask, ...(evidence === undefined ? {} : { evidence }) }];
      });
    },
  }),
});

/** SAM's IoU head is a regression: its values can leave 0..1 slightly. */
function probability(quality: number): number {
  return Math.min(1, Math.max(0, quality));
}
