import { MaskloomError, oneLine, type ErrorCode } from '@maskloom/masks';

/** Failures that lie in how the command was called. */
const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'OPTION_INVALID',
  'INSTRUCTION_UNKNOWN',
  'SYSTEM_UNKNOWN',
  'RECIPE_UNKNOWN',
  'TASK_UNSUPPORTED',
  'DEVICE_UNKNOWN',
  'SLOT_UNKNOWN',
  'CONFIG_INVALID',
  'PLUGIN_INVALID',
]);

/** Exit codes of the command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * The exit code for a failure: 2 when the command was called wrongly, 1 for anything else.
 * @param error - anything caught
 */
export function exitCodeOf(error: unknown): number {
  return MaskloomError.is(error) && USAGE.has(error.code) ? EXIT.usage : EXIT.failed;
}

/**
 * A failure as one line: code, message (which says where) and hint.
 * @param error - anything caught
 */
export function describeFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const code = MaskloomError.is(error) ? error.code : 'INTERNAL';
  return `${code}: ${oneLine(text)}`;
}

/** The failure's stack and causes, when `MASKLOOM_DEBUG=1` asks for them. */
export function debugDetails(error: unknown): string | undefined {
  if (process.env['MASKLOOM_DEBUG'] !== '1' || !(error instanceof Error)) return undefined;
  const cause =
    error.cause === undefined
      ? ''
      : `\ncaused by ${error.cause instanceof Error ? error.cause.stack : String(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
