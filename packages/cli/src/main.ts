#!/usr/bin/env node
/**
 * The command's own process watches and nothing else, so that Ctrl-C always ends it: what works may be inside a model
 * call, a decoder or a long loop, where no signal is heard.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hideSecrets } from './queue/hide-secrets.js';

/** What is interrupted may end by itself, and tidy up, this long. */
const PATIENCE_MS = 1200;
const INTERRUPTED = 130;

const { args, env } = hideSecrets(process.argv.slice(2));
// The title takes the place of the command line in the list of processes.
if (Object.keys(env).length > 0) process.title = 'maskloom';
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

/** A process that a signal ended had no chance to say why. */
function howEnded(signal: NodeJS.Signals): string {
  return signal === 'SIGKILL'
    ? 'the system ended the command (SIGKILL): the memory ran out, or someone ended it. Use fewer workers, or smaller input.'
    : `native code ended the command (${signal}). Try --device cpu; \`maskloom doctor\` says what runs here.`;
}
