import { z } from 'zod';
import { MaskloomError, readPreset, type ModelHost, type ReadingPurpose } from '@maskloom/core';

const instructionPreset = z.object({
  instructions: z.record(z.string(), z.string().min(1)).default({}),
  listInstruction: z.string().min(1).optional(),
  regionInstruction: z.string().min(1).optional(),
});

/** Which instruction stands before the image: the task's, or the one of another way to answer. */
export type InstructionKind = 'task' | 'list' | 'region';

/** The words that stand in the template for a purpose. */
export type Instruct = (purpose: ReadingPurpose) => string;

/**
 * Reads the instructions that a bundle's models were trained with, in its preset `rose`; without one every purpose is
 * the user's words.
 * @param kind - `task`: by task, that of `free` for tasks without their own; `list`, `region`: the same for all tasks
 * @throws MaskloomError BUNDLE_INVALID when the bundle has no instruction of that kind
 */
export function readInstructions(models: ModelHost, kind: InstructionKind): Instruct {
  const preset: z.output<typeof instructionPreset> = hasRose(models)
    ? readPreset(models, 'rose', instructionPreset)
    : { instructions: {} };
  if (kind === 'task') return (purpose) => instructionFor(preset.instructions, purpose);
  const name = `${kind}Instruction` as const;
  const fixed = preset[name];
  if (fixed !== undefined) return () => fixed;
  throw new MaskloomError('BUNDLE_INVALID', `The bundle has no instruction of the kind '${kind}'.`, {
    where: `${models.bundle}: presets.rose.${name}`,
    hint: 'Export the bundle again with the training kit.',
  });
}

/**
 * The instruction of a task with the user's words in its `{text}` place; that of `free` for a task without one of its
 * own; the words alone where there is no task or no instruction.
 * @param instructions - by task
 */
export function instructionFor(
  instructions: Readonly<Record<string, string>>,
  { task, text = '' }: ReadingPurpose,
): string {
  const instruction = task === undefined ? undefined : (instructions[task] ?? instructions['free']);
  return instruction === undefined ? text : instruction.split('{text}').join(text.trim());
}

function hasRose(models: ModelHost): boolean {
  try {
    return models.preset('rose') !== undefined;
  } catch {
    // A bundle of other systems.
    return false;
  }
}
