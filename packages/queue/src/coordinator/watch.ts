import { oneLine } from '@maskloom/core';
import type { Redis } from 'ioredis';
import type { RunMetrics } from '../metrics/run-metrics.js';
import { KEYS } from '../protocol/names.js';
import { liveWorkers } from '../control/live-workers.js';
import type { CoordinatorOptions } from './options.js';

/** Reasons that are told one by one; a flood of them is only counted. */
const TOLD = 20;

/** Watches who works on a run, and tells the user what was refused. */
export class Watch {
  readonly #redis: Redis;
  readonly #metrics: RunMetrics;
  readonly #options: CoordinatorOptions;
  readonly #told = new Set<string>();
  #workers = 0;

  constructor(redis: Redis, metrics: RunMetrics, options: CoordinatorOptions) {
    this.#redis = redis;
    this.#metrics = metrics;
    this.#options = options;
  }

  /** Something was refused; said once. */
  refuse(reason: string): void {
    this.#metrics.countRefused();
    this.#tell(reason);
  }

  /** A worker that has the token answers with something else than the run's: it is told to end. */
  ban(worker: string, reason: string): void {
    this.refuse(`An answer was refused: ${reason}.`);
    this.#redis.hset(KEYS.refused, worker, reason).catch(() => undefined);
  }

  /** Looks at what workers say of themselves. @param waiting - units in the queue without an outcome */
  async look(waiting: number): Promise<void> {
    const workers = await liveWorkers(this.#redis);
    this.#metrics.show(workers.length, waiting);
    if (workers.length !== this.#workers) this.#options.onWorkers?.(workers.length);
    this.#workers = workers.length;
    for (const [name, reason] of Object.entries(await this.#redis.hgetall(KEYS.refused)))
      this.#tell(`${name.slice(0, 100)} does not work on this run: ${reason.slice(0, 500)}`);
  }

  #tell(text: string): void {
    const line = oneLine(text);
    if (this.#told.has(line) || this.#told.size >= TOLD) return;
    this.#told.add(line);
    this.#options.onNote?.(line);
  }
}
