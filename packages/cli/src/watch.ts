import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is interrupted may end by itself, and tidy up, this long. */
const PATIENCE_MS = 1200;
const INTERRUPTED = 130;

/**
 * Runs the command in a process of its own. This one watches and nothing else, so that Ctrl-C always ends it: what works may
 * be inside a model call, a decoder or a long loop, where no signal is heard.
 * @param args - what stands after the command's name
 * @param env - secrets that stood there, as variables
 */
export function runWatched(args: readonly string[], env: Readonly<Record<string, string>>): void {
  const work = fork(fileURLToPath(new URL('./command.js', import.meta.url)), args, {
    env: { ...process.env, ...env },
  });
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted) work.kill('SIGKILL');
      else if (work.connected) work.send(signal, () => undefined);
      interrupted = true;
      setTimeout(() => work.kill('SIGKILL'), PATIENCE_MS).unref();
    });
  }
  work.on('error', (error) => {
    console.error(`maskloom: INTERNAL: the command cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  work.on('exit', (code, signal) => {
    if (interrupted && signal !== null)
      console.error('interrupted by force; leftovers are removed at the next start');
    else if (signal !== null) console.error(`maskloom: INTERNAL: ${howEnded(signal)}`);
    process.exit(interrupted && code !== 0 ? INTERRUPTED : (code ?? 1));
  });
}

/** A process that a signal ended had no chance to say why. */
function howEnded(signal: NodeJS.Signals): string {
  return signal === 'SIGKILL'
    ? 'the system ended the command (SIGKILL): the memory ran out, or someone ended it. Use fewer workers, or smaller input.'
    : `native code ended the command (${signal}). Try --device cpu; \`maskloom doctor\` says what runs here.`;
}
