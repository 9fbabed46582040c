import { MaskloomError, type ErrorCode } from '@maskloom/core';
import type { UnitFailure } from '../ledger/ledger.js';

/** An error as it crosses processes and is kept in a ledger. */
export function asFailure(error: unknown): UnitFailure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: MaskloomError.is(error) ? error.code : 'INTERNAL', message };
}

/** An error that came from another process. */
export function fromFailure({ code, message }: UnitFailure): MaskloomError {
  // Codes are made by `asFailure` in a process of the same version.
  return new MaskloomError(code as ErrorCode, message);
}
