import { MaskloomError } from '@maskloom/core';

/** The error of a call whose signal was aborted, with the signal's reason as cause. */
export function aborted(signal: AbortSignal | undefined): MaskloomError {
  return new MaskloomError('ABORTED', 'the call was aborted', { cause: signal?.reason });
}

/**
 * Throws when a signal is aborted already.
 * @throws MaskloomError ABORTED
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal);
}
