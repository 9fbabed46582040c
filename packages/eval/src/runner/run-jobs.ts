import { abortedError, MaskloomError } from '@maskloom/core';
import type { Json } from '../ledger/line.js';
import type { UnitFailure } from '../ledger/ledger.js';
import type { Job, JobUnit } from './messages.js';
import { WorkerProcess, type Death, type WorkerOptions } from './worker-process.js';

/** How jobs are run. */
export interface RunJobsOptions extends WorkerOptions {
  /** Processes at a time, at least 1. */
  readonly workers: number;
  /** Ends the run: processes are killed, outcomes that have arrived stay. */
  readonly signal: AbortSignal;
  /** Told of each unit's outcome, once. */
  readonly onUnit: (
    key: string,
    outcome: { readonly result: Json } | { readonly error: UnitFailure },
  ) => void;
}

/** Times that a unit is begun before it is given up: a process can die of what earlier units left behind. */
const ATTEMPTS = 2;
/** Processes that may die while they open the plan before any has opened it: then none will. */
const OPENINGS = 3;

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
  const alive = new Set<WorkerProcess>();
  let over = false;
  let opened = false;
  let diedOpening = 0;
  const stop = (): void => {
    over = true;
    for (const worker of alive) worker.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  const serve = async (): Promise<void> => {
    let worker: WorkerProcess | undefined;
    try {
      while (!over) {
        const { value, done } = queue.next();
        if (done === true) return;
        worker = await work(value as Job, worker);
      }
    } catch (error) {
      // What the plan itself lacks ends the run: no other process would open it either.
      if (!over) {
        stop();
        throw error;
      }
    } finally {
      worker?.kill();
      if (worker !== undefined) alive.delete(worker);
    }
  };

  /** @returns the process for the next job, when it lives */
  const work = async (job: Job, given: WorkerProcess | undefined): Promise<WorkerProcess | undefined> => {
    let worker = given;
    let left: readonly JobUnit[] = job.units;
    const begun = new Map<string, number>();
    while (left.length > 0 && !over) {
      const settled = new Set<string>();
      const begunWith = worker ?? (await start());
      if (begunWith instanceof WorkerProcess) worker = begunWith;
      if (over) return worker;
      const death: Death | undefined =
        worker === undefined
          ? (begunWith as Death)
          : await worker.run({ ...job, units: left }, (message) => {
              settled.add(message.key);
              if (message.type === 'done') options.onUnit(message.key, { result: message.result });
              else if (message.type === 'fault') options.onUnit(message.key, { error: message.error });
            });
      left = left.filter(({ key }) => !settled.has(key));
      if (death === undefined) break;
      if (worker !== undefined) alive.delete(worker);
      worker = undefined;
      if (over) break;
      const blamed = death.during ?? left[0]?.key;
      if (blamed === undefined) continue;
      const attempts = (begun.get(blamed) ?? 0) + 1;
      begun.set(blamed, attempts);
      if (attempts < ATTEMPTS) continue;
      const message = `The process died on this unit ${attempts} times: ${death.reason}`;
      options.onUnit(blamed, { error: { code: 'WORKER_CRASHED', message } });
      left = left.filter(({ key }) => key !== blamed);
    }
    return worker;
  };

  /** @returns a process that has opened the plan, or how it died meanwhile */
  const start = async (): Promise<WorkerProcess | Death> => {
    try {
      const worker = await WorkerProcess.start(options);
      opened = true;
      alive.add(worker);
      if (over) worker.kill();
      return worker;
    } catch (error) {
      const died = MaskloomError.is(error) && error.code === 'WORKER_CRASHED';
      if (!died || (!opened && ++diedOpening >= OPENINGS)) throw error;
      return { during: undefined, reason: error.message };
    }
  };

  try {
    await Promise.all(Array.from({ length: workers }, serve));
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
  if (signal.aborted) throw abortedError(signal, 'evaluation run');
}
