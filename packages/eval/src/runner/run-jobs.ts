import { abortedError } from '@maskloom/core';
import { JobRunner, Openings } from './job-runner.js';
import type { Job, UnitOutcome } from './messages.js';
import type { WorkerOptions } from './worker-process.js';

/** How jobs are run. */
export interface RunJobsOptions extends WorkerOptions {
  /** Processes at a time, at least 1. */
  readonly workers: number;
  /** Ends the run: processes are killed, outcomes that have arrived stay. */
  readonly signal: AbortSignal;
  /** Told of each unit's outcome, once. */
  readonly onUnit: (key: string, outcome: UnitOutcome) => void;
}

/**
 * Runs jobs in worker processes. A process that dies is replaced; the unit that it died on is begun once more and then
 * fails with the reason. Other units are not affected. So with one that dies while it opens the plan, unless none ever opens
 * it.
 * @param jobs - taken one by one, as workers become free
 * @throws MaskloomError `ABORTED`, `WORKER_CRASHED` or what opening the plan throws
 */
export async function runJobs(jobs: Iterable<Job>, options: RunJobsOptions): Promise<void> {
  const { signal, workers } = options;
  const queue = jobs[Symbol.iterator]();
  const openings = new Openings();
  const runners = Array.from({ length: workers }, () => new JobRunner(options, openings));
  const stop = (): void => {
    for (const runner of runners) runner.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  const serve = async (runner: JobRunner): Promise<void> => {
    try {
      while (!runner.stopped) {
        const { value, done } = queue.next();
        if (done === true) return;
        await runner.run(value as Job, options.onUnit);
      }
    } catch (error) {
      // What the plan itself lacks ends the run: no other process would open it either.
      if (!runner.stopped) {
        stop();
        throw error;
      }
    } finally {
      runner.stop();
    }
  };

  try {
    await Promise.all(runners.map(serve));
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
  if (signal.aborted) throw abortedError(signal, 'evaluation run');
}
