import { abortedError, onAbort } from '@maskloom/masks';
import { AsyncLocalStorage } from 'node:async_hooks';

/** Set inside of any pipeline's run: what is asked there is part of that run's work, and waits for nobody. */
const inside = new AsyncLocalStorage<true>();

/**
 * Hands out the answers of concurrent runs in the order in which they were asked for. The runs themselves go on side by
 * side; a failure is told at once.
 */
export class InOrder {
  /** The end of what was asked last, and of all before it; nothing when nothing is under way. */
  #asked: Promise<void> | undefined;

  /**
   * @param work - started at once
   * @param signal - ends the waiting for earlier answers
   * @param what - what is abandoned then
   * @throws what the work throws, or MaskloomError ABORTED
   */
  async answer<T>(work: () => Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> {
    const nested = inside.getStore() === true;
    const before = this.#asked;
    const answer = inside.run(true, work);
    this.#asked = this.#end(before, answer);
    const value = await answer;
    if (!nested && before !== undefined) await unlessAborted(before, signal, what);
    return value;
  }

  /** Told apart from the answer's value, or the chain would keep every answer. */
  #end(before: Promise<void> | undefined, answer: Promise<unknown>): Promise<void> {
    const ended = async (): Promise<void> => {
      await before;
      if (this.#asked === end) this.#asked = undefined;
    };
    const end = answer.then(ended, ended);
    return end;
  }
}

/** Waits for a promise that never rejects, or until the signal is aborted. */
function unlessAborted(
  before: Promise<unknown>,
  signal: AbortSignal | undefined,
  what: string,
): Promise<unknown> {
  if (signal === undefined) return before;
  return new Promise((resolve, reject) => {
    const end = onAbort(signal, () => reject(abortedError(signal, what)));
    void before.then(resolve).finally(end);
  });
}
