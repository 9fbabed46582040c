/** Where a command writes, and how it ends. */
export interface Terminal {
  /** Results: standard output. */
  out(text: string): void;
  /** Warnings and errors: standard error, one line each. */
  note(line: string): void;
  /** Shows a line that the next one replaces; nothing unless standard error is a terminal. */
  progress(line: string): void;
  /** Ends early when the user asks for it. */
  readonly signal: AbortSignal;
}

/** The process's own streams. */
export function processTerminal(signal: AbortSignal): Terminal {
  const live = process.stderr.isTTY === true;
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    signal,
    out(text) {
      clear();
      process.stdout.write(text);
    },
    note(line) {
      clear();
      process.stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!live) return;
      process.stderr.write(`\r\u001b[K${line.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
      shown = true;
    },
  };
}
