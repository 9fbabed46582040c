import { visible } from '@maskloom/masks';

/** Where a command writes, and how it ends. */
export interface Terminal {
  /** Results: standard output. */
  out(text: string): void;
  /** Warnings and errors: standard error, one line each. */
  note(line: string): void;
  /** A warning on standard error; said once, however often it is given (a device that was passed over, image by image). */
  warn(message: string): void;
  /** Shows a line that the next one replaces; nothing unless standard error is a terminal. */
  progress(line: string): void;
  /** Ends early when the user asks for it. */
  readonly signal: AbortSignal;
}

/** The process's own streams. What text from outside would have a terminal do is shown instead, whatever wrote it. */
export function processTerminal(signal: AbortSignal): Terminal {
  const live = process.stderr.isTTY === true;
  let shown = false;
  const warned = new Set<string>();
  const clear = (): void => {
    if (shown) process.stderr.write('\r\u001b[K');
    shown = false;
  };
  const note = (line: string): void => {
    clear();
    process.stderr.write(`${visible(line)}\n`);
  };
  return {
    signal,
    note,
    warn(message) {
      if (!warned.has(message)) note(`warning: ${message}`);
      warned.add(message);
    },
    out(text) {
      clear();
      process.stdout.write(visible(text, '\n\t'));
    },
    progress(line) {
      if (!live) return;
      const width = Math.max(20, (process.stderr.columns ?? 80) - 1);
      process.stderr.write(`\r\u001b[K${visible(line).slice(0, width)}`);
      shown = true;
    },
  };
}
