import { abortedError } from '@maskloom/core';
import type { Dispatch } from '@maskloom/eval';
import { openRedis } from '../connection/open-redis.js';
import { Coordinator } from './coordinator.js';
import { openDoor } from './door.js';
import { describeRun } from './describe-run.js';
import { GroupBook } from './group-book.js';
import { takeLease } from './lease.js';
import type { CoordinatorOptions } from './options.js';
import { RunMetrics } from '../metrics/run-metrics.js';
import { Sealer } from '../protocol/seal.js';

const LEASE_MS = 10_000;
const GOODBYE_MS = 400;

/**
 * Has a run's jobs done by the workers of a queue; to be given to `executeRun`, which alone writes the ledger. Groups and
 * answers may come twice, late or not at all: a unit counts once, and what was lost is put into the queue again. A start that
 * was killed goes on with what is in the queue.
 * @throws MaskloomError `QUEUE_UNREACHABLE`, `QUEUE_BUSY`, `ABORTED`, `OUTPUT_UNWRITABLE` when a port is taken
 */
export function queueDispatch(options: CoordinatorOptions): Dispatch {
  return async (jobs, run) => {
    const { signal } = run;
    const { place, onNote = () => undefined, leaseMs = LEASE_MS } = options;
    const metrics = new RunMetrics(run.waiting);
    const book = new GroupBook();
    const redis = await openRedis(place, (reason) => onNote(`Redis is away (${reason}); waiting for it`));
    try {
      const sealer = new Sealer(place.token);
      const { queued, folders } = await describeRun(options, run);
      const lease = await takeLease(redis, { run: queued.id, folder: run.folder, ms: leaseMs, signal });
      await using door = options.serve && (await openDoor(options.serve, { sealer, book, folders }));
      await using _metrics = options.metrics && (await metrics.serve(options.metrics));
      const coordinator = new Coordinator({
        redis,
        sealer,
        book,
        metrics,
        lease,
        leaseMs,
        options,
        run,
        queued: { ...queued, ...(door === undefined ? {} : { http: door.url }) },
      });
      try {
        const working = coordinator.work(jobs);
        working.catch(() => undefined);
        // Redis may be away: an interruption does not wait for it.
        await Promise.race([working, aborted(signal)]);
      } finally {
        // Redis may be away: nobody waits for a goodbye.
        await Promise.race([coordinator.end(), new Promise((done) => setTimeout(done, GOODBYE_MS))]);
      }
    } finally {
      redis.disconnect();
    }
    if (signal.aborted) throw abortedError(signal, 'evaluation run');
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
