import type { Json } from '../ledger/line.js';
import type { UnitFailure } from '../ledger/ledger.js';

/** One piece of work on a scene. */
export interface JobUnit {
  /** Its content key. */
  readonly key: string;
  /** What the worker is to do. */
  readonly unit: Json;
}

/** Everything that is left to do on one scene, in order. */
export interface Job {
  /** Unique in its run, the same at every start of it: part and place of the scene. */
  readonly id: string;
  /** The image and what is asked about it. */
  readonly scene: Json;
  /** At least one. */
  readonly units: readonly JobUnit[];
}

/** What became of a unit: its result, or why there is none. */
export type UnitOutcome =
  | {
      /** What it computed. */
      readonly result: Json;
    }
  | {
      /** Why it has none. */
      readonly error: UnitFailure;
    };

/** From the run to a worker process. */
export type ToWorker =
  | { readonly type: 'open'; readonly plan: Json }
  | { readonly type: 'job'; readonly job: Job }
  /** The outcome of the last unit is written down: the next one may begin. */
  | { readonly type: 'next' };

/** From a worker process to the run. */
export type FromWorker =
  /** It has loaded its code and waits for the plan. */
  | { readonly type: 'hello' }
  /** The plan is open; jobs may come. */
  | { readonly type: 'ready' }
  /** The plan cannot be opened. */
  | { readonly type: 'refused'; readonly error: UnitFailure }
  /** A unit is being worked on: should the process die now, this one is to blame. */
  | { readonly type: 'start'; readonly key: string }
  | { readonly type: 'done'; readonly key: string; readonly result: Json }
  | { readonly type: 'fault'; readonly key: string; readonly error: UnitFailure }
  /** The job is through. */
  | { readonly type: 'idle' };
