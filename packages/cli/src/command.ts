// The process that does the work of the command. Started by main.ts; works by itself too.
import { cudaEnvironment } from '@maskloom/runtime';
import { restart } from './cuda/restart.js';
import { runCommand } from './program.js';
import { EXIT } from './terminal/failure.js';
import { processTerminal } from './terminal/terminal.js';
import { keepHeapSmall } from './small-heap.js';

keepHeapSmall();

/** Work in flight that cannot be stopped (a model call) is not waited for longer than this. */
const PATIENCE_MS = 600;

const interruption = new AbortController();
function interrupt(signal: string): void {
  if (interruption.signal.aborted) return;
  interruption.abort(new DOMException(`${signal} received`, 'AbortError'));
  setTimeout(() => {
    process.stderr.write('interrupted\n');
    // What is staged is removed when the process exits.
    process.exit(EXIT.interrupted);
  }, PATIENCE_MS).unref();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
if (process.send !== undefined) {
  process.on('message', interrupt);
  // Who started it was killed: nobody reads what this process would say.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
// A reader that closes the pipe early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

const environment = cudaEnvironment();
process.exitCode =
  environment === undefined
    ? await runCommand(process.argv.slice(2), processTerminal(interruption.signal))
    : await restart(environment, interruption.signal);
