import { MaskloomError } from '@maskloom/core';
import type { Job, JobUnit, UnitOutcome } from './messages.js';
import { WorkerProcess, type Death, type WorkerOptions } from './worker-process.js';

/** Times that a unit is begun before it is given up: a process can die of what earlier units left behind. */
const ATTEMPTS = 2;
/** Processes that may die while they open the plan before any has opened it: then none will. */
const OPENINGS = 3;

/** Whether any process has opened the plan, over all runners of a plan. */
export class Openings {
  #opened = false;
  #died = 0;

  /** A process has opened the plan. */
  opened(): void {
    this.#opened = true;
  }

  /** A process died while it opened the plan. @returns whether another may be tried */
  mayRetry(): boolean {
    return this.#opened || ++this.#died < OPENINGS;
  }
}

/** Runs one job after another in a worker process that it starts, keeps, and replaces when it dies. */
export class JobRunner {
  readonly #options: WorkerOptions;
  readonly #openings: Openings;
  #worker: WorkerProcess | undefined;
  #stopped = false;

  /** @param openings - shared by the runners of a plan */
  constructor(options: WorkerOptions, openings = new Openings()) {
    this.#options = options;
    this.#openings = openings;
  }

  /** Whether it was stopped. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Ends the process at once; a job under way is left. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#worker?.kill();
  }

  /**
   * Starts the process before the first job asks for it, so that a plan that cannot be opened is known early.
   * @throws MaskloomError what opening the plan throws
   */
  async open(): Promise<void> {
    for (let i = 0; i < OPENINGS && this.#worker === undefined && !this.#stopped; i++) await this.#start();
  }

  /**
   * Works on a job until each of its units has an outcome, or the runner is stopped. A unit that the process dies on is
   * begun once more, then fails with the reason.
   * @param onUnit - told of each unit's outcome, once
   * @throws MaskloomError what opening the plan throws
   */
  async run(job: Job, onUnit: (key: string, outcome: UnitOutcome) => void): Promise<void> {
    let left: readonly JobUnit[] = job.units;
    const begun = new Map<string, number>();
    while (left.length > 0 && !this.#stopped) {
      const settled = new Set<string>();
      const settle = (key: string, outcome: UnitOutcome): void => {
        settled.add(key);
        onUnit(key, outcome);
      };
      const death =
        (this.#worker === undefined ? await this.#start() : undefined) ??
        (await this.#worker?.run({ ...job, units: left }, (message) => {
          if (message.type === 'done') settle(message.key, { result: message.result });
          else if (message.type === 'fault') settle(message.key, { error: message.error });
        }));
      left = left.filter(({ key }) => !settled.has(key));
      if (death === undefined) return;
      this.#worker = undefined;
      if (this.#stopped) return;
      const blamed = death.during ?? left[0]?.key;
      if (blamed === undefined) continue;
      const attempts = (begun.get(blamed) ?? 0) + 1;
      begun.set(blamed, attempts);
      if (attempts < ATTEMPTS) continue;
      const message = `The process died on this unit ${attempts} times: ${death.reason}`;
      onUnit(blamed, { error: { code: 'WORKER_CRASHED', message } });
      left = left.filter(({ key }) => key !== blamed);
    }
  }

  /** @returns nothing when a process has opened the plan, or how it died meanwhile */
  async #start(): Promise<Death | undefined> {
    try {
      this.#worker = await WorkerProcess.start(this.#options);
      this.#openings.opened();
      if (this.#stopped) this.#worker.kill();
      return undefined;
    } catch (error) {
      const died = MaskloomError.is(error) && error.code === 'WORKER_CRASHED';
      if (!died || !this.#openings.mayRetry()) throw error;
      return { during: undefined, reason: error.message };
    }
  }
}
