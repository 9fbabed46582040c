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
import { mergeByName, thresholdAssembler } from '@maskloom/sam';

const NAME = 'stacked-seg/task-assembler';

const options = z.object({
  combine: z
    .enum(['max', 'sum'])
    .default('max')
    .describe('How masks of one name make a channel, for the task semantic.'),
  least: z.number().min(0).default(0.5).describe('Channel value below which a pixel has no name.'),
});

/** Options of {@link stackedAssembler}. */
export interface StackedAssemblerOptions {
  /** How masks of one name make a channel, for the task `semantic`; default `max`. */
  readonly combine?: 'max' | 'sum' | undefined;
  /** Channel value below which a pixel has no name; default 0.5. */
  readonly least?: number | undefined;
}

/**
 * One segment per mask; for the task `semantic` the masks of one name are merged into a channel and every pixel goes to
 * the highest. Written masks have no confidence of their own, so all count alike there.
 */
export const stackedAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, StackedAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: NAME,
  summary: 'One segment per written target; merged by name for the semantic task.',
  options,
  needs: ['mask-logits'],
  gives: ['segments'],
  async create(rule, context) {
    const plain = await thresholdAssembler().create(context);
    return {
      assemble: async (decoded: DecodedMasks, labels: readonly MaskLabel[], run: RunContext, task?: Task) =>
        task === 'semantic'
          ? mergeByName(
              decoded,
              labels.map((label) => ({ score: 1, ...label })),
              rule,
              NAME,
            )
          : plain.assemble(decoded, labels, run),
    };
  },
});
