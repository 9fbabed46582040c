import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { executeRun, openRunResults, fillTable, type RunOutcome, type Subject } from '@maskloom/eval';
import {
  queueDispatch,
  queuePlace,
  runQueueWorker,
  type CoordinatorOptions,
  type QueuePlace,
  type QueueWorkerOptions,
  type WorkerOutcome,
} from '@maskloom/queue';
import { toyRun } from '../eval-toy/plan.mjs';

/** Secret of the toy queues. */
export const TOKEN = 'a token for toys only';
/** Code version of the toys. */
export const CODE = 'toy 1';

/** Where a toy queue is. */
export const placeOf = (url: string, token = TOKEN): QueuePlace =>
  queuePlace(url, { MASKLOOM_QUEUE_TOKEN: token });

/** A coordinator in this process; `stop` ends it as Ctrl-C would. */
export interface ToyCoordinator {
  readonly notes: readonly string[];
  readonly done: Promise<RunOutcome>;
  stop(): void;
}

/** Starts a run of toys over a queue. */
export function coordinate(
  url: string,
  {
    folder,
    scenes,
    subjects = 4,
    ...more
  }: {
    readonly folder: string;
    readonly scenes: number;
    readonly subjects?: number;
  } & Partial<CoordinatorOptions>,
): ToyCoordinator {
  const notes: string[] = [];
  const aborter = new AbortController();
  const dispatch = queueDispatch({
    place: placeOf(url),
    code: CODE,
    pictures: false,
    sweepMs: 300,
    leaseMs: 2000,
    onNote: (note) => notes.push(note),
    ...more,
  });
  const done = executeRun({ ...toyRun({ folder, scenes, subjects, signal: aborter.signal }), dispatch });
  done.catch(() => undefined);
  return { notes, done, stop: () => aborter.abort() };
}

/** Runs toys on this machine, as the queue is compared with. */
export function runHere(folder: string, scenes: number): Promise<RunOutcome> {
  return executeRun({ ...toyRun({ folder, scenes }), env: { TOY_LOG: `${folder}.log` } });
}

/** The filled table of a run. */
export async function tableOf(folder: string): Promise<string> {
  await using run = await openRunResults(folder);
  return JSON.stringify(run.plan.tables.map((table) => fillTable(table, run)));
}

/** A worker in a process of its own, to be killed or frozen. */
export function workApart(
  url: string,
  cache: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs'), url, cache], {
    env: { ...process.env, TOY_TOKEN: TOKEN, ...env },
    stdio: 'inherit',
  });
}

/** A worker in this process. */
export interface ToyWorker {
  readonly done: Promise<WorkerOutcome>;
  stop(): void;
}

/** Starts a worker of toys. */
export function work(
  url: string,
  cache: string,
  {
    env,
    code = CODE,
    resolve,
    token,
    ...more
  }: Partial<QueueWorkerOptions> & {
    readonly env?: Readonly<Record<string, string>>;
    readonly code?: string;
    readonly token?: string;
    readonly resolve?: QueueWorkerOptions['host']['resolve'];
  } = {},
): ToyWorker {
  const aborter = new AbortController();
  const done = runQueueWorker({
    place: placeOf(url, token),
    host: {
      code,
      entry: join(import.meta.dirname, '../eval-toy/worker.mjs'),
      plugins: { modules: [] },
      bundles: async () => [],
      cache,
      resolve: resolve ?? (async (recipe, overrides): Promise<Subject> => ({ recipe, overrides })),
      env: { TOY_LOG: `${cache}.log`, ...env },
    },
    signal: aborter.signal,
    lockMs: 1000,
    once: true,
    ...more,
  });
  done.catch(() => undefined);
  return { done, stop: () => aborter.abort() };
}
