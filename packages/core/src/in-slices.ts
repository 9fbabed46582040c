import { throwIfAborted } from '@maskloom/masks';

/** Milliseconds of work between two turns of the event loop. */
const SLICE_MS = 8;

/**
 * Does a long computation on this thread in slices of about 8 ms: the event loop turns between them, so that timers, sockets
 * and other work wait no longer than one.
 * @param steps - the computation; every `yield` is a place to pause at
 * @param signal - gives up at the next pause after a turn of the event loop
 * @param what - named when given up
 * @returns what the computation returns
 * @throws MaskloomError ABORTED; what the computation throws
 */
export async function inSlices<T>(
  steps: Generator<void, T>,
  signal?: AbortSignal,
  what = 'a long computation',
): Promise<T> {
  let start = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - start < SLICE_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    throwIfAborted(signal, what);
    start = performance.now();
  }
}

/** The same computation at one go. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
