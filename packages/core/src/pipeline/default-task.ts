import type { Task } from '../domain/prediction.js';

/** What a command line gives to work with. */
export interface Asked {
  /** A phrase or question, or one per image. */
  readonly text: boolean;
  /** A list of classes. */
  readonly labels: boolean;
  /** Boxes, points or masks. */
  readonly regions: boolean;
  /** Masks among them: nothing is prompted with those, they only say where to look. */
  readonly masks?: boolean;
  /** Tasks of the systems that were named; empty when none was. */
  readonly able: readonly Task[];
}

/**
 * The task that is meant when none is named: what the given text, list or regions are for, in the form that the named
 * systems can do. Nothing given asks for everything that is there (free vocabulary). Where the systems can do none of
 * them, the error about the first one says what is missing.
 */
export function defaultTask({ text, labels, regions, masks = false, able }: Asked): Task {
  const rest: readonly Task[] = text
    ? ['referring', 'reasoning']
    : labels
      ? ['semantic', 'instance']
      : regions
        ? ['free', 'instance', 'semantic']
        : ['free', 'referring', 'semantic', 'prompted'];
  const wanted: readonly Task[] = regions && !masks ? ['prompted', ...rest] : rest;
  const first = wanted[0] ?? 'free';
  return able.length === 0 ? first : (wanted.find((task) => able.includes(task)) ?? first);
}
