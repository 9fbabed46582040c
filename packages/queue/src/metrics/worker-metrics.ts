import { Counter, Registry } from 'prom-client';
import type { UnitOutcome } from '@maskloom/eval';
import { listen, type Door, type DoorAddress } from '../coordinator/door.js';

/** What a worker tells Prometheus, and of itself. */
export class WorkerMetrics {
  /** Units with a result. */
  done = 0;
  /** Units without one. */
  failed = 0;
  readonly #registry = new Registry();
  readonly #units = new Counter({
    name: 'maskloom_worker_units_total',
    help: 'Units since the start of the worker',
    labelNames: ['outcome'],
    registers: [this.#registry],
  });

  /** Counts a unit. */
  count(outcome: UnitOutcome): void {
    if ('error' in outcome) this.failed++;
    else this.done++;
    this.#units.inc({ outcome: 'error' in outcome ? 'failed' : 'done' });
  }

  /** Lets Prometheus read, at `/metrics`. @throws MaskloomError `OUTPUT_UNWRITABLE` when the port is taken */
  serve(address: DoorAddress): Promise<Door> {
    return listen(address, async ({ url }, response) => {
      if (url !== '/metrics') response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'content-type': this.#registry.contentType })
          .end(await this.#registry.metrics());
    });
  }
}
