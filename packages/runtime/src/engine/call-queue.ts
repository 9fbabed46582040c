import { MaskloomError, onAbort } from '@maskloom/core';
import { aborted } from '../aborted.js';

interface Waiting {
  readonly start: () => void;
  readonly refuse: (error: MaskloomError) => void;
}

/**
 * A bounded line of calls. A few are with the worker (so that it is never idle between two), the
 * rest wait here, where aborting one costs nothing; past the bound a call is refused.
 */
export class CallQueue {
  readonly #waiting: Waiting[] = [];
  #active = 0;
  #closed: MaskloomError | undefined;

  /**
   * @param ahead - calls given to the worker at once
   * @param bound - calls that may wait here
   */
  constructor(
    readonly ahead: number,
    readonly bound: number,
  ) {}

  /** Calls with the worker. */
  get active(): number {
    return this.#active;
  }

  /** Calls that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Takes a turn, which ends with {@link CallQueue.leave}.
   * @returns when it comes; undefined when it is there at once, so that nothing is to be waited for
   * @throws MaskloomError ABORTED while waiting; MODEL_RUN_FAILED when the line is full; what `close` was given.
   */
  enter(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#closed !== undefined) throw this.#closed;
    if (signal?.aborted === true) throw aborted(signal);
    if (this.#active >= this.ahead) return this.#turn(signal);
    this.#active++;
    return undefined;
  }

  /** Ends a turn; the next in line takes it over. */
  leave(): void {
    const entry = this.#waiting.shift();
    if (entry === undefined) this.#active--;
    else entry.start();
  }

  /** Refuses everything that waits and everything that comes. */
  close(reason: MaskloomError): void {
    this.#closed ??= reason;
    for (const waiting of this.#waiting.splice(0)) waiting.refuse(reason);
  }

  /** Waits in line; the turn is handed over by the call that ends, so `#active` does not change here. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.bound) {
      throw new MaskloomError(
        'MODEL_RUN_FAILED',
        `the queue is full: ${this.bound} model calls wait already`,
        {
          where: 'maxQueue',
          hint: 'Wait for earlier calls, or raise maxQueue.',
        },
      );
    }
    return new Promise<void>((resolve, reject) => {
      const entry: Waiting = {
        start: () => {
          stay();
          resolve();
        },
        refuse: (error) => {
          stay();
          reject(error);
        },
      };
      this.#waiting.push(entry);
      const stay = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(aborted(signal));
      });
    });
  }
}
