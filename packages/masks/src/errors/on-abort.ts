/** Those who wait for one signal's abort, behind one listener. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly stop: () => void;
}

const waiting = new WeakMap<AbortSignal, Waiting>();

const nothing = (): void => undefined;

/**
 * Calls back once when a signal is aborted; at once when it is aborted already. Any number of calls may wait for one
 * signal: Node warns of a leak from the eleventh listener on, so they share one.
 * @param signal - never aborted when absent
 * @returns ends the waiting; to be called when the work is over, or a long-lived signal would collect callbacks
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return nothing;
  if (signal.aborted) {
    callback();
    return nothing;
  }
  const { callbacks, stop } = waiting.get(signal) ?? listen(signal);
  // Wrapped, so that one function may wait twice.
  const entry = (): void => callback();
  callbacks.add(entry);
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0) stop();
  };
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const fire = (): void => {
    waiting.delete(signal);
    for (const callback of callbacks) callback();
  };
  const stop = (): void => {
    waiting.delete(signal);
    signal.removeEventListener('abort', fire);
  };
  const made = { callbacks, stop };
  waiting.set(signal, made);
  signal.addEventListener('abort', fire, { once: true });
  return made;
}
