import { z } from 'zod';
import {
  Assembler,
  defineStage,
  type DecodedMasks,
  type MaskLabel,
  type RunContext,
  type StageFactory,
  type Task,
} from '@maskloom/core';
import { keptOf, maskNms, mergeByName, pickMasks, scoresOf, thresholdAssembler } from '@maskloom/sam';

const NAME = 'stacked-seg/task-assembler';

const options = z.object({
  nmsIou: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Mask IoU above which the less certain of two targets goes; 1 keeps all.'),
  minArea: z.number().int().min(0).default(1).describe('Masks with fewer pixels are dropped.'),
  combine: z
    .enum(['max', 'sum'])
    .default('max')
    .describe('How masks of one name make a channel, for the task semantic.'),
  least: z.number().min(0).default(0.1).describe('Channel value below which a pixel has no name.'),
});

/** Options of {@link stackedAssembler}. */
export interface StackedAssemblerOptions {
  /** Mask IoU above which the less certain of two targets goes; default 0.5; 1 keeps all. */
  readonly nmsIou?: number | undefined;
  /** Masks with fewer pixels are dropped; default 1; 0 keeps empty ones. */
  readonly minArea?: number | undefined;
  /** How masks of one name make a channel, for the task `semantic`; default `max`. */
  readonly combine?: 'max' | 'sum' | undefined;
  /** Channel value below which a pixel has no name; default 0.1. */
  readonly least?: number | undefined;
}

/**
 * The same treatment as ROSE's proposals get, so that the two can be compared: suppression on masks by score; then one
 * segment per mask, or, for the task `semantic`, masks of one name merged into a channel and every pixel to the highest.
 */
export const stackedAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, StackedAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: NAME,
  summary:
    'One segment per written target that no more certain one covers; merged by name for the semantic task.',
  options,
  needs: ['mask-logits'],
  gives: ['segments'],
  async create({ nmsIou, minArea, ...rule }, context) {
    const plain = await thresholdAssembler({ minArea }).create(context);
    const survivors = (decoded: DecodedMasks, scores: readonly number[]) => maskNms(decoded, scores, nmsIou);
    return {
      survivors,
      assemble: async (decoded: DecodedMasks, labels: readonly MaskLabel[], run: RunContext, task?: Task) => {
        const kept = await keptOf(decoded, scoresOf(decoded, labels, NAME), survivors);
        const masks = pickMasks(decoded, kept);
        const wanted = kept.flatMap((n) => labels[n] ?? []);
        if (task === 'semantic') return mergeByName(masks, wanted, rule, NAME, run.signal);
        return plain.assemble(masks, wanted, run);
      },
    };
  },
});
