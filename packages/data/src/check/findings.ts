import { MaskloomError } from '@maskloom/core';

/** Something wrong with a data set. */
export interface DataProblem {
  /** File and field. */
  readonly where: string;
  /** What is wrong. */
  readonly message: string;
}

/** How to check. */
export interface CheckOptions {
  /** Stop after this many problems; 50 when absent. */
  readonly limit?: number;
  /** Stops the check. */
  readonly signal?: AbortSignal;
}

/** Collects what the parts of a check find. */
export class Findings {
  readonly counts: Record<string, number> = {};
  readonly problems: DataProblem[] = [];
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;

  constructor({ limit = 50, signal }: CheckOptions) {
    this.#limit = limit;
    this.#signal = signal;
  }

  /** True when there is no point in going on. */
  get full(): boolean {
    return this.problems.length >= this.#limit;
  }

  /** Counts one checked item. @throws MaskloomError `ABORTED` when the signal fired */
  count(kind: string): void {
    if (this.#signal?.aborted) throw new MaskloomError('ABORTED', 'The check was stopped.');
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** Notes a problem; what was noted before, of a picture that is read twice, say, is not noted again. */
  problem(where: string, message: string): void {
    const known = this.problems.some((one) => one.where === where && one.message === message);
    if (!this.full && !known) this.problems.push({ where, message });
  }

  /** Notes an error as a problem. */
  report(error: MaskloomError): void {
    const where = error.where ?? '';
    this.problem(where, error.message.replace(` (at ${where})`, ''));
  }

  /** Runs a part of the check; a data error becomes a problem. */
  async attempt<T>(part: () => Promise<T>): Promise<T | undefined> {
    try {
      return await part();
    } catch (error) {
      if (!MaskloomError.is(error) || error.code === 'ABORTED') throw error;
      this.report(error);
      return undefined;
    }
  }
}
