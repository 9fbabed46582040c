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
import { createInstances, instanceOptions, type InstanceAssemblerOptions } from './instance-assembler.js';
import { createSemantics, semanticOptions, type SemanticAssemblerOptions } from './semantic-assembler.js';

const options = z.object({
  instance: instanceOptions.default({ minArea: 1 }).describe('As of rose/instance-assembler.'),
  semantic: semanticOptions.default({}).describe('As of rose/semantic-assembler.'),
});

/** Options of {@link taskAssembler}. */
export interface TaskAssemblerOptions {
  /** For every task but `semantic`. */
  readonly instance?: InstanceAssemblerOptions | undefined;
  /** For the task `semantic`. */
  readonly semantic?: SemanticAssemblerOptions | undefined;
}

/** {@link semanticAssembler} for the task `semantic`, {@link instanceAssembler} for every other. */
export const taskAssembler: StageFactory<
  'Assembler',
  z.ZodType<unknown, TaskAssemblerOptions | undefined>,
  'mask-logits',
  'segments'
> = defineStage({
  slot: Assembler,
  name: 'rose/task-assembler',
  summary: 'ROSE: merged channels for the semantic task, instances for every other.',
  options,
  needs: ['mask-logits'],
  gives: ['segments'],
  async create(given, context) {
    const instances = await createInstances(given.instance, context);
    const semantics = createSemantics(given.semantic, context);
    return {
      survivors: (decoded: DecodedMasks, scores: readonly number[], task?: Task) =>
        (task === 'semantic' ? semantics : instances).survivors(decoded, scores),
      assemble: (decoded: DecodedMasks, labels: readonly MaskLabel[], run: RunContext, task?: Task) =>
        task === 'semantic'
          ? semantics.assemble(decoded, labels, run)
          : instances.assemble(decoded, labels, run),
    };
  },
});
