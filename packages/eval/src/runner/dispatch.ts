import type { WorkDoneBy } from '../ledger/ledger.js';
import type { Job, UnitOutcome } from './messages.js';
import type { WorkerPlan } from './run-plan.js';

/** What a run tells whoever has its jobs done. */
export interface DispatchOptions {
  /** The run's folder. */
  readonly folder: string;
  /** What workers open. */
  readonly plan: WorkerPlan;
  /** Units without a result, over all jobs. */
  readonly waiting: number;
  /** Ends the run with `ABORTED`; outcomes that have been told stay. */
  readonly signal: AbortSignal;
  /**
   * To be told of each unit's outcome, once. When it returns, the outcome is in the ledger.
   * @param by - who worked on it, where that is known
   */
  readonly onUnit: (key: string, outcome: UnitOutcome, by?: WorkDoneBy) => void;
}

/**
 * Has the jobs of a run done, on this machine or elsewhere.
 * @param jobs - everything left to do on one scene each, in the order of the plan; read as they are needed
 * @returns when every unit of every job has an outcome
 * @throws MaskloomError `ABORTED`, and what keeps jobs from being done at all
 */
export type Dispatch = (jobs: Iterable<Job>, options: DispatchOptions) => Promise<void>;
