import type { UnitFailure } from '../ledger/ledger.js';

/**
 * An error as it crosses processes and is kept in a ledger. Looks at the error's form, not its class: worker processes
 * start without loading more than they need.
 */
export function asFailure(error: unknown): UnitFailure {
  if (!(error instanceof Error)) return { code: 'INTERNAL', message: String(error) };
  const ours = error.name === 'MaskloomError' && 'code' in error && typeof error.code === 'string';
  return { code: ours ? (error.code as string) : 'INTERNAL', message: error.message };
}
