#!/usr/bin/env node
import { runCommand } from './program.js';
import { EXIT } from './terminal/failure.js';
import { processTerminal } from './terminal/terminal.js';
import { keepHeapSmall } from './small-heap.js';

keepHeapSmall();

/** A model call in flight cannot be stopped; the process does not wait longer than this for one. */
const PATIENCE_MS = 600;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // What is staged is removed when the process exits.
    if (interruption.signal.aborted) process.exit(EXIT.interrupted);
    interruption.abort(new DOMException(`${signal} received`, 'AbortError'));
    setTimeout(() => process.exit(EXIT.interrupted), PATIENCE_MS).unref();
  });
}
// A reader that closes the pipe early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2), processTerminal(interruption.signal));
