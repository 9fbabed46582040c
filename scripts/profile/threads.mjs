// Loaded before a profiled program: threads that are started with options of their own (the models' take none over) are profiled, too.
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const flags = process.execArgv.filter((flag) => flag.startsWith('--cpu-prof'));

threads.Worker = class extends threads.Worker {
  constructor(script, options = {}) {
    const { execArgv } = options;
    super(script, execArgv === undefined ? options : { ...options, execArgv: [...execArgv, ...flags] });
  }
};
syncBuiltinESMExports();
