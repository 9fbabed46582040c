import { MaskloomError, type ReadingPurpose } from '@maskloom/core';
import type { OneVisionPreset } from './preset.js';

/** Which instruction stands before the image: the task's, or the one of another way to answer. */
export type InstructionKind = 'task' | 'list' | 'region';

/** The words that stand in the template for a purpose. */
export type Instruct = (purpose: ReadingPurpose) => string;

/**
 * The instructions that a bundle's models were trained with; without one every purpose is the user's words.
 * @param kind - `task`: by task, that of `free` for tasks without their own; `list`, `region`: the same for all tasks
 * @param bundle - its name, for errors
 * @throws MaskloomError BUNDLE_INVALID when the bundle has no instruction of that kind
 */
export function readInstructions(preset: OneVisionPreset, kind: InstructionKind, bundle: string): Instruct {
  if (kind === 'task') return (purpose) => instructionFor(preset.instructions, purpose);
  const name = `${kind}Instruction` as const;
  const fixed = preset[name];
  if (fixed !== undefined) return () => fixed;
  throw new MaskloomError('BUNDLE_INVALID', `The bundle has no instruction of the kind '${kind}'.`, {
    where: `${bundle}: presets.onevision.${name}`,
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
