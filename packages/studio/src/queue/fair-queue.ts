import { MaskloomError, onAbort } from '@maskloom/core';

/** How much may wait. */
export interface QueueLimits {
  /** Jobs of one tab. */
  readonly perTab: number;
  /** Jobs of all tabs. */
  readonly total: number;
}

interface Job {
  readonly begin: () => void;
  readonly moved: (ahead: number) => void;
}

/**
 * The work of one device: one job after the other, and the tabs that wait in turn, so that a tab with many questions holds
 * nobody else up by more than one of its jobs.
 */
export class FairQueue {
  readonly #limits: QueueLimits;
  /** Waiting jobs by tab. */
  readonly #waiting = new Map<string, Job[]>();
  /** When each tab had its last turn, counted; forgotten when nobody waits any more. */
  readonly #served = new Map<string, number>();
  #turns = 0;
  #busy = false;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Jobs that wait, the running one not counted. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, jobs) => sum + jobs.length, 0);
  }

  /** True while a job runs. */
  get busy(): boolean {
    return this.#busy;
  }

  /**
   * Runs work when it is the tab's turn. The next job begins when the work has settled, aborted or not: a model call cannot be
   * stopped half-way.
   * @param tab - whose turn it takes
   * @param moved - told how many jobs are ahead, each time that changes
   * @throws MaskloomError QUEUE_FULL; ABORTED at once when the signal ends the waiting
   */
  async run<T>(
    tab: string,
    work: () => Promise<T>,
    signal: AbortSignal,
    moved: (ahead: number) => void = () => undefined,
  ): Promise<T> {
    await this.#turn(tab, signal, moved);
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#next();
    }
  }

  #turn(tab: string, signal: AbortSignal, moved: (ahead: number) => void): Promise<void> {
    const own = this.#waiting.get(tab) ?? [];
    if (own.length >= this.#limits.perTab || this.waiting >= this.#limits.total) throw full(own.length);
    return new Promise((resolve, reject) => {
      const job: Job = {
        moved,
        begin: () => {
          detach();
          this.#busy = true;
          resolve();
        },
      };
      const detach = onAbort(signal, () => {
        this.#drop(tab, job);
        this.#tell();
        reject(new MaskloomError('ABORTED', 'The question was taken back.', { where: 'queue' }));
      });
      if (signal.aborted) return;
      this.#waiting.set(tab, [...own, job]);
      this.#next();
    });
  }

  #next(): void {
    const [first] = this.#lanes();
    if (!this.#busy && first !== undefined) {
      const [tab, [job]] = first;
      this.#served.set(tab, ++this.#turns);
      if (job !== undefined) this.#drop(tab, job);
      job?.begin();
    } else if (!this.#busy) this.#served.clear();
    this.#tell();
  }

  /** Tabs that wait, in the order of their turns: who had none for longest comes first. */
  #lanes(): readonly (readonly [string, readonly Job[]])[] {
    const at = (tab: string): number => this.#served.get(tab) ?? 0;
    return [...this.#waiting].sort(([one], [other]) => at(one) - at(other));
  }

  #drop(tab: string, job: Job): void {
    const rest = (this.#waiting.get(tab) ?? []).filter((one) => one !== job);
    if (rest.length > 0) this.#waiting.set(tab, rest);
    else this.#waiting.delete(tab);
  }

  /** How many jobs come before each one: turn by turn through the tabs. */
  #tell(): void {
    const lanes = this.#lanes().map(([, jobs]) => jobs);
    for (const [lane, jobs] of lanes.entries()) {
      for (const [place, job] of jobs.entries()) {
        const ahead = lanes.reduce(
          (sum, other, at) => sum + Math.min(other.length, at < lane ? place + 1 : place),
          this.#busy ? 1 : 0,
        );
        job.moved(ahead);
      }
    }
  }
}

function full(own: number): MaskloomError {
  return new MaskloomError('QUEUE_FULL', 'Too many questions wait already.', {
    where: 'queue',
    hint: own > 0 ? 'Wait for your own, or take some back.' : 'Ask again in a moment.',
  });
}
