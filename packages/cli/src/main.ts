#!/usr/bin/env node
import { hideSecrets } from './queue/hide-secrets.js';

const { args, env } = hideSecrets(process.argv.slice(2));
// The title takes the place of the command line in the list of processes.
if (Object.keys(env).length > 0) process.title = 'maskloom';
if (args.length === 0 || ['help', '--help', '-h', '--version', '-V'].includes(args[0] ?? '')) {
  // Nothing works here that would have to be ended from outside.
  const [{ runCommand }, { processTerminal }] = await Promise.all([
    import('./program.js'),
    import('./terminal/terminal.js'),
  ]);
  process.exitCode = await runCommand(args, processTerminal(new AbortController().signal));
} else {
  const { runWatched } = await import('./watch.js');
  runWatched(args, env);
}
