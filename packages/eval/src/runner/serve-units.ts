import type { Json } from '../ledger/line.js';
import { asFailure } from './failure.js';
import type { FromWorker, Job, ToWorker } from './messages.js';

/** What a worker process does with its units. */
export interface UnitWorker {
  /**
   * Works on one unit. What it throws becomes the unit's failure, and the next one is begun.
   * @param scene - the same object for all units of a scene that follow each other
   */
  run(scene: Json, unit: Json): Promise<Json>;
}

/**
 * The life of a worker process: opens the plan, works on one unit after another, ends with the run that started it. To be
 * called once, by the module that the process was started with.
 * @param open - makes the worker; what it throws ends the run
 */
export function serveUnits(open: (plan: Json) => Promise<UnitWorker>): void {
  let worker: UnitWorker | undefined;
  let next: () => void = () => undefined;
  const written = (): Promise<void> => new Promise((resolve) => (next = resolve));
  const tell = (message: FromWorker): void => void process.send?.(message);
  // Ctrl-C in a terminal reaches every process of its group; the run decides what becomes of its workers.
  process.on('SIGINT', () => undefined);
  // At once: an exit would wait for a model call.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', (message: ToWorker) => {
    if (message.type === 'open')
      void open(message.plan).then(
        (made) => {
          worker = made;
          tell({ type: 'ready' });
        },
        (error: unknown) => tell({ type: 'refused', error: asFailure(error) }),
      );
    else if (message.type === 'next') next();
    else if (worker !== undefined) void work(worker, message.job, tell, written);
  });
  tell({ type: 'hello' });
}

/** @param written - resolves when the outcome that was told last is written down: what is begun later cannot be lost with it */
async function work(
  worker: UnitWorker,
  job: Job,
  tell: (message: FromWorker) => void,
  written: () => Promise<void>,
): Promise<void> {
  for (const { key, unit } of job.units) {
    tell({ type: 'start', key });
    const outcome = await worker.run(job.scene, unit).then(
      (result): FromWorker => ({ type: 'done', key, result }),
      (error: unknown): FromWorker => ({ type: 'fault', key, error: asFailure(error) }),
    );
    const confirmed = written();
    tell(outcome);
    await confirmed;
  }
  tell({ type: 'idle' });
}
