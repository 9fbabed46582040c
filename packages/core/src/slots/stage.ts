import type { z } from 'zod';
import type { ModelHost, TensorScope } from '../ports/model-host.js';
import type { SlotName, SlotStages } from './slot.js';

/**
 * What can flow between stages. A stage needs some signals and gives others; a recipe says which it
 * supplies to each slot and which it demands from it. This is what makes a wrong swap a compile error.
 */
export type Signal =
  | 'image'
  | 'mask-features'
  | 'vision-tokens'
  | 'image-states'
  | 'query-state'
  | 'text'
  | 'embedding-prompt'
  | 'point-prompt'
  | 'box-prompt'
  | 'mask-prompt'
  | 'patch-scores'
  | 'category-embedding'
  | 'mask-logits'
  | 'names'
  | 'views'
  | 'dense-features'
  | 'fused-features'
  | 'text-embedding'
  | 'class-scores'
  | 'candidates'
  | 'descriptions'
  | 'segments';

/** A set of signals as a type-level record, so that "gives at least" is plain assignability. */
export type Gives<G extends Signal> = { readonly [S in G]: true };

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
}

/** A stage that can be built: name, options, what it needs and gives, and how to make it. */
export interface StageSpec<K extends SlotName, N extends Signal = Signal, G extends Signal = never> {
  /** The slot that it fills. */
  readonly slot: K;
  /** `package/stage`, e.g. `read/similarity-as-points`. */
  readonly name: string;
  /** The resolved options, as they go into provenance. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Signals that the recipe must supply to it. */
  readonly needs: readonly N[];
  /** Signals that it gives, as a record. */
  readonly gives: Gives<G>;
  /** Makes the stage. Opens models through `context.models`. */
  create(context: BuildContext): Promise<SlotStages[K]> | SlotStages[K];
}

/** A stage kind with documented options: calling it gives a {@link StageSpec}. */
export interface StageFactory<K extends SlotName, O extends z.ZodType, N extends Signal, G extends Signal> {
  (options?: z.input<O>): StageSpec<K, N, G>;
  /** The slot that its stages fill. */
  readonly slot: K;
  /** `package/stage`. */
  readonly stageName: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The options' schema: types, defaults and documentation in one. */
  readonly schema: O;
}
