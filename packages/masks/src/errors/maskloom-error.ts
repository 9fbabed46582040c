import type { ErrorCode } from './codes.js';
import { visible } from './visible.js';

/** What a {@link MaskloomError} carries besides its message. */
export interface ErrorDetails {
  /** Where it happened: a file and field, a slot and stage, a device. */
  readonly where?: string;
  /** What the reader can do about it, as one imperative sentence. */
  readonly hint?: string;
  /** The lower-level failure, when there is one. */
  readonly cause?: unknown;
}

/**
 * The only error type that Maskloom throws on purpose. The message says what went wrong,
 * where, and what to do; `code` is stable and safe to switch on. Control characters in the message are shown, not kept.
 */
export class MaskloomError extends Error {
  /** Stable identifier of the failure, one of {@link ErrorCode}. */
  readonly code: ErrorCode;
  /** Where it happened, when known. */
  readonly where: string | undefined;
  /** What to do about it, when known. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const parts = [message];
    if (details.where !== undefined) parts.push(`(at ${details.where})`);
    if (details.hint !== undefined) parts.push(details.hint);
    // Whoever catches it writes it to a terminal or a log.
    super(
      visible(parts.join(' '), '\n\t'),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = 'MaskloomError';
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
  }

  /**
   * Tells whether a value is a MaskloomError, also one from another installed copy of the package.
   * @param value - anything caught
   */
  static is(value: unknown): value is MaskloomError {
    return value instanceof Error && value.name === 'MaskloomError' && 'code' in value;
  }
}
