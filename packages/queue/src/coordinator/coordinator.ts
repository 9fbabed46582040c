import { MaskloomError } from '@maskloom/core';
import type { DispatchOptions, Job, UnitFailure } from '@maskloom/eval';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { RunMetrics } from '../metrics/run-metrics.js';
import { answerSchema, runSchema, type QueuedRun } from '../protocol/messages.js';
import { ANSWERS, GROUPS, KEYS, PREFIX } from '../protocol/names.js';
import type { Sealed, Sealer } from '../protocol/seal.js';
import { whyRefused } from './check-answer.js';
import type { GroupBook, OpenGroup } from './group-book.js';
import type { Lease } from './lease.js';
import { makeGroup } from './seal-group.js';
import type { CoordinatorOptions } from './options.js';
import { sweep } from './sweep.js';
import { Watch } from './watch.js';

/** Groups that go to Redis together. */
const BATCH = 64;
/** Answers that are taken at a time. */
const TAKERS = 4;
const SWEEP_MS = 2000;
const ANSWER_MS = 4000;

/** What a coordinator works with. */
export interface CoordinatorParts {
  readonly redis: Redis;
  readonly sealer: Sealer;
  readonly book: GroupBook;
  readonly metrics: RunMetrics;
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly options: CoordinatorOptions;
  readonly run: DispatchOptions;
  readonly queued: QueuedRun;
}

/** Puts groups into the queue, takes answers out of it, and tells the run each unit's outcome once. */
export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #groups: Queue<Sealed>;
  readonly #watch: Watch;
  #answers: Worker | undefined;
  #exhausted = false;
  #wake: () => void = () => undefined;
  #fault: unknown;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#groups = new Queue(GROUPS, { connection: parts.redis, prefix: PREFIX });
    this.#groups.on('error', () => undefined);
    this.#watch = new Watch(parts.redis, parts.metrics, parts.options);
  }

  /** Returns when every unit has an outcome, or the run was aborted. */
  async work(jobs: Iterable<Job>): Promise<void> {
    const { book, run, lease, leaseMs, options } = this.#parts;
    const { signal } = run;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    await this.#announce();
    const source = jobs[Symbol.iterator]();
    // The first groups are known before any answer is read: those of an earlier start are among them.
    await this.#feed(source);
    this.#takeAnswers();
    const renewing = setInterval(() => {
      lease.renew().catch((error: unknown) => {
        if (MaskloomError.is(error)) this.#fault = error;
        this.#wake();
      });
    }, leaseMs / 4);
    let swept = performance.now();
    try {
      while (!signal.aborted && this.#fault === undefined && (!this.#exhausted || book.size > 0)) {
        await this.#settledOr(options.sweepMs ?? SWEEP_MS);
        await this.#feed(source);
        if (performance.now() - swept < (options.sweepMs ?? SWEEP_MS)) continue;
        await this.#look();
        swept = performance.now();
      }
    } finally {
      clearInterval(renewing);
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Leaves the queue: empty when everything is done, else without the groups that nobody works on. */
  async end(): Promise<void> {
    const { redis, book, lease } = this.#parts;
    await this.#answers?.close(true);
    if (this.#fault === undefined && this.#exhausted && book.size === 0) {
      await redis.del(KEYS.run, KEYS.refused);
      await this.#clear();
    } else if (this.#fault === undefined) await this.#groups.drain();
    await lease.release();
    await this.#groups.close();
  }

  /** Says what the run is; what another run left is removed. */
  async #announce(): Promise<void> {
    const { redis, sealer, queued } = this.#parts;
    const before = await redis.get(KEYS.run);
    if (before === null || idOf(before, sealer) !== queued.id) await this.#clear();
    await redis.del(KEYS.refused);
    await this.#publish();
  }

  async #publish(): Promise<void> {
    const { redis, sealer, queued } = this.#parts;
    await redis.set(KEYS.run, JSON.stringify(sealer.close('run', queued)));
  }

  async #clear(): Promise<void> {
    const { redis } = this.#parts;
    const answers = new Queue(ANSWERS, { connection: redis, prefix: PREFIX });
    answers.on('error', () => undefined);
    await this.#groups.obliterate({ force: true });
    await answers.obliterate({ force: true });
    await answers.close();
  }

  async #feed(source: Iterator<Job>): Promise<void> {
    const { book, run, sealer, queued, options } = this.#parts;
    while (!this.#exhausted && book.hasRoom && !run.signal.aborted) {
      const batch: OpenGroup[] = [];
      while (batch.length < BATCH && book.hasRoom) {
        const { value, done } = source.next();
        if (done === true) {
          this.#exhausted = true;
          break;
        }
        const { group, picture } = await makeGroup(
          value as Job,
          queued.id,
          run.plan,
          options.pictures ?? true,
        );
        batch.push(book.add(group, sealer.close('group', group), picture));
      }
      await this.#queue(batch);
    }
  }

  /** Puts groups into the queue; one that is there already stays as it is. */
  async #queue(batch: readonly OpenGroup[]): Promise<void> {
    if (batch.length === 0) return;
    await this.#groups.addBulk(
      batch.map(({ id, sealed }) => ({
        name: 'group',
        data: sealed,
        opts: { jobId: id, removeOnComplete: true },
      })),
    );
  }

  #takeAnswers(): void {
    const { redis } = this.#parts;
    this.#answers = new Worker(ANSWERS, async ({ data }) => this.#take(data), {
      connection: redis,
      prefix: PREFIX,
      concurrency: TAKERS,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      // Taken at once: one that lies longer was left by a start that was killed.
      lockDuration: ANSWER_MS,
      stalledInterval: ANSWER_MS / 2,
      maxStalledCount: 1_000_000,
    });
    this.#answers.on('error', () => undefined);
  }

  /** Never throws: an answer that is not good is left out, and its unit stays open. */
  #take(data: unknown): void | Promise<never> {
    const { sealer, queued, book, run, metrics } = this.#parts;
    // The ledger is closed: the answer waits for the next start.
    if (run.signal.aborted) return new Promise(() => undefined);
    let answer;
    try {
      answer = sealer.open('answer', answerSchema, data);
    } catch (error) {
      return this.#watch.refuse((error as Error).message);
    }
    const group = answer.run === queued.id ? book.get(answer.group) : undefined;
    const subject = group?.left.get(answer.key);
    // Settled already, by another worker or at an earlier start.
    if (group === undefined || subject === undefined) return;
    const reason = whyRefused(answer, subject, queued);
    if (reason !== undefined) {
      group.refusal = reason;
      return this.#watch.ban(answer.by.worker, reason);
    }
    run.onUnit(answer.key, answer.outcome as Parameters<typeof run.onUnit>[1], answer.by);
    metrics.count(answer);
    book.settle(group, answer.key);
    if (book.size === 0 || (!this.#exhausted && book.isHalfEmpty)) this.#wake();
  }

  async #look(): Promise<void> {
    const { book, queued, redis } = this.#parts;
    // Cleared, or Redis came back without what it knew.
    if ((await redis.exists(KEYS.run)) === 0) await this.#publish();
    await this.#watch.look(book.units);
    await sweep({
      groups: this.#groups,
      redis,
      book,
      tries: queued.stalls + 1,
      giveUp: (group, reason) => this.#giveUp(group, reason),
      again: (lost) => this.#queue(lost),
      stranger: (reason) => this.#watch.refuse(reason),
    });
  }

  #giveUp(group: OpenGroup, reason: string): void {
    const { run, metrics, book } = this.#parts;
    const error: UnitFailure = {
      code: group.refusal === undefined ? 'WORKER_CRASHED' : 'QUEUE_REFUSED',
      message: reason,
    };
    for (const key of [...group.left.keys()]) {
      run.onUnit(key, { error });
      metrics.countLost();
      book.settle(group, key);
    }
  }

  #settledOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The id of a run that an earlier start announced; nothing when it was not sealed with this token. */
function idOf(text: string, sealer: Sealer): string | undefined {
  try {
    return sealer.open('run', runSchema, JSON.parse(text)).id;
  } catch {
    return undefined;
  }
}
