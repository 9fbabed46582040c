import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MaskloomError } from '@maskloom/core';
import { JobRunner, Openings, type Job, type UnitOutcome } from '@maskloom/eval';
import { Queue, UnrecoverableError, WaitingError, Worker, type Job as QueueJob } from 'bullmq';
import type { Redis } from 'ioredis';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { groupSchema, type Answer, type Group, type QueuedRun } from '../protocol/messages.js';
import { ANSWERS, GROUPS, KEYS, PREFIX } from '../protocol/names.js';
import type { Sealed, Sealer } from '../protocol/seal.js';
import { Gone } from './fetch.js';
import type { QueueWorkerOptions } from './options.js';
import { bringPicture } from './pictures.js';
import type { PreparedRun } from './prepare-run.js';
import type { Presence } from './presence.js';
import { readRun } from './read-run.js';

const LOCK_MS = 30_000;

/** What works on the groups of one run. */
export interface GroupWorkerParts {
  readonly redis: Redis;
  readonly sealer: Sealer;
  readonly name: string;
  readonly run: QueuedRun;
  readonly prepared: PreparedRun;
  readonly options: QueueWorkerOptions;
  readonly metrics: WorkerMetrics;
  readonly presence: Presence;
}

/**
 * Takes groups of one run and answers each unit as it is done. Models run in child processes, so that this process renews
 * the groups' locks however long a model takes.
 */
export class GroupWorker implements AsyncDisposable {
  readonly #parts: GroupWorkerParts;
  readonly #answers: Queue<Sealed>;
  readonly #worker: Worker<Sealed>;
  /** Runners without a group. */
  readonly #free: JobRunner[];
  readonly #all: readonly JobRunner[];
  readonly #pictures: string;
  readonly #aborted: Promise<undefined>;
  #run: QueuedRun;
  #fault: unknown;
  #over = false;

  constructor(parts: GroupWorkerParts) {
    const { redis, run, prepared, options } = parts;
    const { concurrency = 1, lockMs = LOCK_MS, host } = options;
    this.#parts = parts;
    this.#run = run;
    this.#aborted = aborted(options.signal);
    this.#pictures = join(host.cache, 'pictures', `${run.id}-${process.pid}`);
    const openings = new Openings();
    this.#all = Array.from(
      { length: concurrency },
      () =>
        new JobRunner(
          {
            entry: host.entry,
            plan: prepared.plan as never,
            ...(host.env === undefined ? {} : { env: host.env }),
            ...(run.unitTimeoutMs === undefined ? {} : { unitTimeoutMs: run.unitTimeoutMs }),
          },
          openings,
        ),
    );
    this.#free = [...this.#all];
    this.#answers = new Queue(ANSWERS, { connection: redis, prefix: PREFIX });
    this.#worker = new Worker<Sealed>(GROUPS, (job, token) => this.#serve(job, token), {
      connection: redis,
      prefix: PREFIX,
      name: parts.name,
      concurrency,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: run.stalls,
      drainDelay: 1,
      runRetryDelay: 1000,
    });
    this.#answers.on('error', () => undefined);
    this.#worker.on('error', () => undefined);
  }

  /**
   * Works until the run is over, another has taken its place, or the worker is aborted.
   * @throws MaskloomError `QUEUE_REFUSED`, and what opening the models throws
   */
  async whileRunLasts(lookMs: number): Promise<void> {
    const { redis, sealer, name, run, options } = this.#parts;
    // What cannot be opened is known before a group is taken.
    await Promise.race([this.#all[0]?.open(), this.#aborted]);
    this.#worker.run().catch((error: unknown) => (this.#fault ??= error));
    while (!options.signal.aborted && this.#fault === undefined) {
      await Promise.race([delay(lookMs), this.#aborted]);
      const now = await Promise.race([readRun(redis, sealer), this.#aborted]);
      if (now?.id !== run.id) break;
      this.#run = now;
      const banned = await redis.hget(KEYS.refused, name);
      if (banned !== null)
        throw new MaskloomError(
          'QUEUE_REFUSED',
          `The coordinator refused this worker: ${banned.slice(0, 500)}.`,
          {
            where: name,
          },
        );
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Ends the processes; groups under way go back into the queue, when Redis is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    for (const runner of this.#all) runner.stop();
    await Promise.race([this.#worker.close(), delay(400)]);
    await Promise.race([this.#worker.close(true), delay(100)]);
    await Promise.race([this.#answers.close(), delay(100)]);
    rmSync(this.#pictures, { recursive: true, force: true });
  }

  async #serve(job: QueueJob<Sealed>, token: string | undefined): Promise<void> {
    const { sealer, presence } = this.#parts;
    let group: Group;
    try {
      group = sealer.open('group', groupSchema, job.data);
    } catch (error) {
      throw new UnrecoverableError((error as Error).message);
    }
    if (group.run !== this.#run.id || group.id !== job.id)
      throw new UnrecoverableError('The group is of another run, or was put there under another name.');
    const runner = this.#free.pop();
    if (runner === undefined) throw new MaskloomError('INTERNAL', 'There are more groups than processes.');
    presence.busy++;
    try {
      await this.#work(group, runner);
    } catch (error) {
      if (error instanceof Gone) return;
      if (!this.#over) this.#fault ??= error;
    } finally {
      presence.busy--;
      this.#free.push(runner);
    }
    if (!this.#over && this.#fault === undefined) return;
    // Another worker takes what is left; answers that were given count.
    await job.moveToWait(token);
    throw new WaitingError();
  }

  async #work(group: Group, runner: JobRunner): Promise<void> {
    const { sealer, options } = this.#parts;
    await using picture = await bringPicture(group, {
      run: this.#run,
      sealer,
      signal: options.signal,
      folder: this.#pictures,
      fetch: options.fetch ?? false,
    });
    const sent: Promise<void>[] = [];
    const job = { id: group.id, scene: picture.scene, units: group.units };
    await runner.run(job as unknown as Job, (key, outcome) => {
      const said: UnitOutcome =
        'error' in outcome
          ? { error: { ...outcome.error, message: picture.translate(outcome.error.message) } }
          : outcome;
      sent.push(this.#answer(group, key, said));
    });
    await Promise.all(sent);
  }

  async #answer(group: Group, key: string, outcome: UnitOutcome): Promise<void> {
    const { sealer, name, run, prepared, options, metrics } = this.#parts;
    const subject = group.units.find((unit) => unit.key === key)?.unit.subject ?? -1;
    const answer: Answer = {
      run: run.id,
      group: group.id,
      key,
      outcome: outcome as Answer['outcome'],
      by: { worker: name, code: options.host.code, subject: prepared.subjects[subject] ?? '' },
    };
    // One outcome of a unit waits at a time, whoever it is from.
    await this.#answers.add('answer', sealer.close('answer', answer), {
      jobId: `${group.id}.${key}`,
      removeOnComplete: true,
    });
    metrics.count(outcome);
    options.onUnits?.({ done: metrics.done, failed: metrics.failed });
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
