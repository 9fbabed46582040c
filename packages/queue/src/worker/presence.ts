import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { WorkerMetrics } from '../metrics/worker-metrics.js';
import { KEYS } from '../protocol/names.js';
import type { WorkerState } from '../protocol/messages.js';
import type { QueueWorkerOptions } from './options.js';

const SIGN_MS = 2000;
const FORGOTTEN_MS = 10_000;

/** A worker's sign of life, for the coordinator's progress and `queue status`. */
export class Presence implements AsyncDisposable {
  /** Groups under way. */
  busy = 0;
  readonly #redis: Redis;
  readonly #key: string;
  readonly #timer: NodeJS.Timeout;

  constructor(redis: Redis, name: string, options: QueueWorkerOptions, metrics: WorkerMetrics) {
    this.#redis = redis;
    this.#key = KEYS.worker(name);
    const sign = (): void => {
      const state: WorkerState = {
        name,
        host: hostname(),
        device: options.device ?? 'as the run says',
        concurrency: options.concurrency ?? 1,
        busy: this.busy,
        done: metrics.done,
        failed: metrics.failed,
      };
      redis.set(this.#key, JSON.stringify(state), 'PX', FORGOTTEN_MS).catch(() => undefined);
    };
    sign();
    this.#timer = setInterval(sign, SIGN_MS);
  }

  /** Says goodbye, when Redis is there. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    if (this.#redis.status === 'ready') await this.#redis.del(this.#key).catch(() => undefined);
  }
}
