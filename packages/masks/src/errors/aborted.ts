import { MaskloomError } from './maskloom-error.js';

/**
 * The ABORTED error of a signal, with the signal's reason as its cause.
 * @param signal - an aborted signal
 * @param what - what was abandoned, e.g. `segment read/full`
 */
export function abortedError(signal: AbortSignal, what: string): MaskloomError {
  if (MaskloomError.is(signal.reason) && signal.reason.code === 'DISPOSED') return signal.reason;
  return new MaskloomError('ABORTED', `Abandoned: ${what}.`, { cause: signal.reason });
}

/**
 * Throws when a signal is aborted; to be called before each piece of work.
 * @throws MaskloomError ABORTED
 */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted === true) throw abortedError(signal, what);
}

/**
 * Turns anything caught into a MaskloomError: ours stay as they are, an abort becomes ABORTED,
 * and everything else is wrapped by `wrap` with itself as the cause.
 */
export function asMaskloomError(
  error: unknown,
  signal: AbortSignal | undefined,
  what: string,
  wrap: (message: string) => MaskloomError,
): MaskloomError {
  if (MaskloomError.is(error)) return error;
  const isAbort = error instanceof Error && error.name === 'AbortError';
  if (signal?.aborted === true && (isAbort || error === signal.reason)) return abortedError(signal, what);
  return wrap(error instanceof Error ? error.message : String(error));
}
