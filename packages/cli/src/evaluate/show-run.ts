import { MaskloomError } from '@maskloom/core';
import { tableText, type RunOutcome, type RunProgress, type Table } from '@maskloom/eval';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';

/** Failures that are listed one by one; the rest is counted. */
const LISTED = 20;

/** Shows how far a run is: units, rate, time left. Quiet when the terminal is none. */
export function unitProgress(terminal: Terminal): (progress: RunProgress) => void {
  const start = performance.now();
  return ({ done, now, total, failed }) => {
    if (now === 0) return;
    const ms = performance.now() - start;
    const rate = (1000 * now) / ms;
    const left = timeLeft(ms, now, now + total - done);
    const trouble = failed === 0 ? '' : `, ${failed} failed`;
    terminal.progress(`${done}/${total} units, ${rate.toFixed(1)}/s, ${left} left${trouble}`);
  };
}

/** Time left at the rate so far, as `2 min 5 s`. */
function timeLeft(elapsedMs: number, done: number, total: number): string {
  const seconds = Math.ceil(((elapsedMs / done) * (total - done)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Lists the units that failed.
 * @param out - the run's folder, to be named; absent where the run is not kept, or nothing else is to be printed
 * @returns the exit code: 1 when there are any
 */
export function showOutcome(terminal: Terminal, outcome: RunOutcome, out?: string): number {
  const { failures, done, total, dropped, remarks } = outcome;
  for (const [part, { skipped, reasons, notes }] of Object.entries(remarks)) {
    for (const reason of reasons) terminal.note(`left out of ${part}: ${reason}`);
    if (skipped > 0)
      terminal.note(
        `${skipped} ${skipped === 1 ? 'record' : 'records'} of ${part} could not be read and were left out (--strict refuses them)`,
      );
    for (const note of notes) terminal.note(`note: ${note}`);
  }
  if (dropped > 0)
    terminal.note(`${dropped} torn or damaged lines of the ledger were dropped and computed anew`);
  for (const { part, recipe, protocol, name, code, message } of failures.slice(0, LISTED))
    terminal.note(`failed: ${name} of ${part}, ${recipe}, ${protocol}: ${code}: ${message}`);
  if (failures.length > LISTED) terminal.note(`... and ${failures.length - LISTED} more`);
  if (failures.length > 0)
    terminal.note(
      `${failures.length} of ${total} units failed${out === undefined ? '' : '; the same command tries them again'}`,
    );
  if (out !== undefined)
    terminal.out(`${done}/${total} units; tables: ${out}/tables; maskloom report ${out} makes pages of it\n`);
  return failures.length === 0 ? EXIT.ok : EXIT.failed;
}

/**
 * Runs work whose results stay when it is interrupted: says so, instead of that nothing was written.
 * @returns the work's exit code, or that of an interruption
 */
export async function whenInterrupted(
  terminal: Terminal,
  out: string,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!terminal.signal.aborted || !MaskloomError.is(error) || error.code !== 'ABORTED') throw error;
    terminal.note(`interrupted; finished units are kept in ${out}, the same command goes on`);
    return EXIT.interrupted;
  }
}

/** Prints the tables of a run, as text or as one line of JSON. */
export function showTables(terminal: Terminal, tables: readonly Table[], json = false): void {
  terminal.out(`${json ? JSON.stringify(tables) : tables.map(tableText).join('\n')}\n`);
}
