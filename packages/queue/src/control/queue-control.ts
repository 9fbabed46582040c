import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { openRedis } from '../connection/open-redis.js';
import type { QueuePlace } from '../connection/queue-place.js';
import type { WorkerState } from '../protocol/messages.js';
import { ANSWERS, GROUPS, KEYS, PREFIX } from '../protocol/names.js';
import { Sealer } from '../protocol/seal.js';
import { readRun } from '../worker/read-run.js';
import { liveWorkers } from './live-workers.js';

/** How a queue stands. */
export interface QueueStatus {
  /** The run's id; absent where none uses the queue, `sealed` where it was sealed with another token. */
  readonly run?: string;
  /** Whether its coordinator lives. */
  readonly coordinator: boolean;
  /** Whether groups are given out. */
  readonly paused: boolean;
  /** Groups that wait for a worker. */
  readonly waiting: number;
  /** Groups that workers have. */
  readonly active: number;
  /** Groups that no worker finished. */
  readonly failed: number;
  /** Outcomes that the coordinator has not taken. */
  readonly answers: number;
  /** Workers that live, by name. */
  readonly workers: readonly WorkerState[];
  /** Workers that do not work on the run, with the reason. */
  readonly refused: Readonly<Record<string, string>>;
}

/** A queue, to look at and to steer. Wants to be disposed. */
export class QueueControl implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #sealer: Sealer;
  readonly #groups: Queue;
  readonly #answers: Queue;

  private constructor(redis: Redis, token: string) {
    this.#redis = redis;
    this.#sealer = new Sealer(token);
    this.#groups = new Queue(GROUPS, { connection: redis, prefix: PREFIX });
    this.#answers = new Queue(ANSWERS, { connection: redis, prefix: PREFIX });
    for (const queue of [this.#groups, this.#answers]) queue.on('error', () => undefined);
  }

  /** @throws MaskloomError `QUEUE_UNREACHABLE` */
  static async open(place: QueuePlace): Promise<QueueControl> {
    return new QueueControl(await openRedis(place), place.token);
  }

  /** How the queue stands. */
  async status(): Promise<QueueStatus> {
    const run = await readRun(this.#redis, this.#sealer).then(
      (found) => found?.id,
      () => 'sealed',
    );
    const groups = await this.#groups.getJobCounts('waiting', 'active', 'failed');
    const answers = await this.#answers.getJobCounts('waiting', 'active');
    return {
      ...(run === undefined ? {} : { run }),
      coordinator: (await this.#redis.exists(KEYS.lease)) === 1,
      paused: await this.#groups.isPaused(),
      waiting: groups['waiting'] ?? 0,
      active: groups['active'] ?? 0,
      failed: groups['failed'] ?? 0,
      answers: (answers['waiting'] ?? 0) + (answers['active'] ?? 0),
      workers: await liveWorkers(this.#redis),
      refused: await this.#redis.hgetall(KEYS.refused),
    };
  }

  /** Gives out no more groups; those under way are finished. */
  pause(): Promise<void> {
    return this.#groups.pause();
  }

  /** Gives out groups again. */
  resume(): Promise<void> {
    return this.#groups.resume();
  }

  /** Gives out no more groups and waits until workers have finished those under way. @throws MaskloomError `ABORTED` */
  async drain(signal: AbortSignal, onActive?: (groups: number) => void): Promise<void> {
    await this.pause();
    for (;;) {
      const active = await this.#groups.getActiveCount();
      onActive?.(active);
      if (active === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
      signal.throwIfAborted();
    }
  }

  /**
   * Removes everything that a run has in the queue. A coordinator that lives puts its groups there again; of one that does
   * not, nothing but the ledger stays.
   */
  async clear(): Promise<void> {
    await this.#groups.obliterate({ force: true });
    await this.#answers.obliterate({ force: true });
    await this.#redis.del(KEYS.run, KEYS.refused);
  }

  /** Leaves the queue. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#groups.close();
    await this.#answers.close();
    this.#redis.disconnect();
  }
}
