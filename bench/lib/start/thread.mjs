// The plain program in a worker thread, as it has to be where the event loop must go on.
import { Worker } from 'node:worker_threads';

new Worker(new URL('./bare.mjs', import.meta.url), { argv: process.argv.slice(2), execArgv: [] });
