import type { z } from 'zod';
import type { Signal } from './signals.js';
import type { SlotName, SlotStages } from './slot-stages.js';
import type { Slot } from './slot-value.js';
import type { BuildContext } from './stage.js';

/** A set of signals as a type-level record, so that "gives at least" is plain assignability. */
export type Gives<G extends Signal> = { readonly [S in G]: true };

/** A stage that can be built: name, options, what it needs and gives, and how to make it. */
export interface StageSpec<K extends SlotName, N extends Signal = Signal, G extends Signal = never> {
  /** The name of the slot that it fills. */
  readonly slot: K;
  /** The slot itself; absent in specs written by hand for this package's own slots. */
  readonly fills?: Slot<K>;
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
  /** The name of the slot that its stages fill. */
  readonly slot: K;
  /** The slot itself. */
  readonly fills?: Slot<K>;
  /** `package/stage`. */
  readonly stageName: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The options' schema: types, defaults and documentation in one. */
  readonly schema: O;
}
