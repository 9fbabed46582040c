import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { listen, type Door, type DoorAddress } from '../coordinator/door.js';
import type { Answer } from '../protocol/messages.js';

/** What a run tells Prometheus. */
export class RunMetrics {
  readonly #registry = new Registry();
  readonly #done = this.#counter('units_done_total', 'Units with a result since this start', ['worker']);
  readonly #failed = this.#counter('units_failed_total', 'Units without a result since this start', [
    'worker',
  ]);
  readonly #refused = this.#counter('answers_refused_total', 'Answers and groups that were refused', []);
  readonly #seconds = this.#counter('unit_seconds_total', 'Wall time of units', ['worker']);
  readonly #stages = this.#counter('stage_seconds_total', 'Wall time of stages', ['stage', 'worker']);
  readonly #waiting = this.#gauge('units_waiting', 'Units without an outcome');
  readonly #queued = this.#gauge('units_queued', 'Units in the queue or at a worker');
  readonly #workers = this.#gauge('workers', 'Workers that live');

  /** @param waiting - units without a result at the start */
  constructor(waiting: number) {
    this.#waiting.set(waiting);
  }

  /** Counts an answer that is in the ledger. */
  count({ outcome, by: { worker } }: Answer): void {
    this.#waiting.dec();
    if ('error' in outcome) return this.#failed.inc({ worker });
    this.#done.inc({ worker });
    const { ms, stages = {} } = outcome.result;
    this.#seconds.inc({ worker }, ms / 1000);
    for (const [stage, spent] of Object.entries(stages)) this.#stages.inc({ stage, worker }, spent / 1000);
  }

  /** Counts a unit that no worker finished. */
  countLost(): void {
    this.#waiting.dec();
    this.#failed.inc({ worker: '' });
  }

  /** Counts what was refused. */
  countRefused(): void {
    this.#refused.inc();
  }

  /** Shows how things stand. */
  show(workers: number, queued: number): void {
    this.#workers.set(workers);
    this.#queued.set(queued);
  }

  /** Lets Prometheus read, at `/metrics`. @throws MaskloomError `OUTPUT_UNWRITABLE` when the port is taken */
  serve(address: DoorAddress): Promise<Door> {
    collectDefaultMetrics({ register: this.#registry });
    return listen(address, async ({ url }, response) => {
      if (url !== '/metrics') response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'content-type': this.#registry.contentType })
          .end(await this.#registry.metrics());
    });
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name: `maskloom_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `maskloom_${name}`, help, registers: [this.#registry] });
  }
}
