/**
 * Wraps a command's work so that its exit code reaches the program. Errors pass through.
 * @param work - gives the exit code
 */
export type Finish = <A extends readonly unknown[]>(
  work: (...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;

/** An exit code that commands set when they end. */
export function createFinish(): { readonly finish: Finish; readonly code: () => number } {
  let code = 0;
  return {
    finish:
      (work) =>
      async (...args) => {
        code = await work(...args);
      },
    code: () => code,
  };
}
