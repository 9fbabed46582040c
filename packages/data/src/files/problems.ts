import { MaskloomError } from '@maskloom/core';

/** What is done with a record that is wrong: thrown, or reported and left out. */
export type OnProblem = (error: MaskloomError) => void;

/**
 * Runs a piece of reading.
 * @param onProblem - takes data errors, and the piece is left out; without it they are thrown
 * @returns what it gave; `undefined` when a problem was reported
 */
export async function attempt<T>(
  onProblem: OnProblem | undefined,
  piece: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await piece();
  } catch (error) {
    if (onProblem === undefined || !isDataError(error)) throw error;
    onProblem(error);
    return undefined;
  }
}

/** Whether an error is about data, not about the program or an interruption. */
export function isDataError(error: unknown): error is MaskloomError {
  return MaskloomError.is(error) && /^(DATA|MASK|IMAGE)_/.test(error.code);
}
