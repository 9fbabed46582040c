import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { MaskloomError, oneLine } from '@maskloom/core';
import { openRedis } from '../connection/open-redis.js';
import { WorkerMetrics } from '../metrics/worker-metrics.js';
import { KEYS } from '../protocol/names.js';
import { Sealer } from '../protocol/seal.js';
import { GroupWorker } from './group-worker.js';
import type { QueueWorkerOptions } from './options.js';
import { prepareRun } from './prepare-run.js';
import { Presence } from './presence.js';
import { readRun } from './read-run.js';

/** How often the worker looks whether the run is still the same. */
const LOOK_MS = 500;

/** What a worker did. */
export interface WorkerOutcome {
  /** Units with a result. */
  readonly done: number;
  /** Units without one. */
  readonly failed: number;
}

/**
 * Takes groups of units from a queue until it is aborted, or with `once` until the run is over. Coordinator and Redis may
 * come later, go away and come back.
 * @throws MaskloomError `QUEUE_UNREACHABLE`; `QUEUE_REFUSED` when this machine's token, code, weights, plugins or pictures
 * are not the run's; what opening the models throws
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<WorkerOutcome> {
  const { place, signal, onNote = () => undefined, once = false } = options;
  const name = options.name ?? `${hostname()}-${process.pid}`;
  const redis = await openRedis(place, (reason) => onNote(`Redis is away (${reason}); waiting for it`));
  const sealer = new Sealer(place.token);
  const metrics = new WorkerMetrics();
  try {
    await using _metrics = options.metrics && (await metrics.serve(options.metrics));
    await using presence = new Presence(redis, name, options, metrics);
    for (let worked = false; !signal.aborted;) {
      const run = await readRun(redis, sealer);
      if (run === undefined) {
        if (worked && once) break;
        await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const prepared = await prepareRun(run, { ...options, sealer });
      onNote(`${name} works on run ${run.id.slice(0, 8)}`);
      await using worker = new GroupWorker({
        redis,
        sealer,
        name,
        run,
        prepared,
        options,
        metrics,
        presence,
      });
      worked = true;
      await worker.whileRunLasts(LOOK_MS);
    }
  } catch (error) {
    if (MaskloomError.is(error) && error.code !== 'ABORTED' && !signal.aborted)
      await redis.hset(KEYS.refused, name, oneLine(`${error.code}: ${error.message}`).slice(0, 500));
    throw error;
  } finally {
    redis.disconnect();
  }
  return { done: metrics.done, failed: metrics.failed };
}
