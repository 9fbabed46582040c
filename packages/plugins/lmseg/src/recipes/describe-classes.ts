import type { ClassLabel, PromptWriter, RunContext } from '@maskloom/core';

/**
 * The sentences of each class: those of its name and of every synonym, each sentence once.
 * @returns one list per class, in order
 */
export async function describeClasses(
  writer: PromptWriter,
  classes: readonly ClassLabel[],
  run: RunContext,
): Promise<readonly (readonly string[])[]> {
  const names = [...new Set(classes.flatMap((one) => one.names))];
  const described = await writer.describe(names, run);
  const byName = new Map(names.map((name, i) => [name, described[i] ?? []]));
  return classes.map((one) => [...new Set(one.names.flatMap((name) => byName.get(name) ?? []))]);
}
