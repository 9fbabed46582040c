import { throwIfAborted } from '@maskloom/masks';

/** Milliseconds that a piece of work may hold the thread: others wait no longer than about two of these. */
const SLICE = 8;

/**
 * Long work on the main thread cut into slices, so that servers and pages beside it go on:
 * `if (slices.over) await slices.next()` between steps of well under a slice each.
 */
export class TimeSlices {
  readonly #signal: AbortSignal | undefined;
  readonly #what: string;
  #end = performance.now() + SLICE;

  /**
   * @param signal - ends the work between two slices
   * @param what - what is abandoned then, for the error
   */
  constructor(signal: AbortSignal | undefined, what: string) {
    this.#signal = signal;
    this.#what = what;
  }

  /** Whether the thread is others' now. */
  get over(): boolean {
    return performance.now() > this.#end;
  }

  /**
   * Gives the others their turn and begins a slice.
   * @throws MaskloomError ABORTED
   */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    throwIfAborted(this.#signal, this.#what);
    this.#end = performance.now() + SLICE;
  }
}
