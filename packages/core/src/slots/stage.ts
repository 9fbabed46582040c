import type { ModelHost, TensorScope } from '../ports/model-host.js';

/** What every stage has. */
export interface Stage {
  /**
   * Widths that must agree between neighbours, by name (e.g. `hidden: 128`, `embedding: 64`).
   * `build()` compares equal names across the stages of a pipeline; a difference is STAGE_MISMATCH.
   */
  readonly widths?: Readonly<Record<string, number>>;
  /** The device its models really run on; absent for a stage written in TypeScript (shown as `js`). */
  readonly device?: string;
  /** Gives back what the stage itself holds; models belong to the host. */
  dispose?(): void | Promise<void>;
}

/** What a stage gets when a pipeline is built. */
export interface BuildContext {
  /** The bundle's models, tokenizer and constants. */
  readonly models: ModelHost;
  /** The pipeline's signal: aborting it abandons the build. */
  readonly signal: AbortSignal;
  /** Adds a warning to the pipeline's results and events. */
  warn(message: string): void;
}

/** What a stage gets with every call. */
export interface RunContext {
  /** Ends the run; to be checked before each model call. */
  readonly signal: AbortSignal;
  /** Owns the tensors made during this call; released when the call ends. */
  readonly scope: TensorScope;
  /** Adds a warning to this result. */
  warn(message: string): void;
  /** Says how far the call is, 0..1 within the current stage. */
  progress(fraction: number, note?: string): void;
  /** Shows the answer as far as it is written; absent where nobody can be shown. */
  show?(text: string): void;
  /** Tells whether anybody follows `progress` or `show` now; assumed when absent. */
  followed?(): boolean;
}
