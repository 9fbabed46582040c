import type { z } from 'zod';
import type { Signal } from './signals.js';
import type { SlotName } from './slot-stages.js';
import type { Slot } from './slot-value.js';
import type { StageSpec } from './spec.js';

/** Any stage that can be built, of any slot or of those named: what registries, reports and the command line handle. */
export type AnyStageSpec<K extends SlotName = SlotName> = {
  [S in K]: StageSpec<S, Signal, never>;
}[K];

/** Any stage kind, whatever its options, of any slot or of those named. Make a stage of it with `createSpec`. */
export interface AnyStageFactory<K extends SlotName = SlotName> {
  /** The name of the slot that its stages fill. */
  readonly slot: K;
  /** The slot itself. */
  readonly fills?: Slot<K>;
  /** `package/stage`, e.g. `read/similarity-as-points`. */
  readonly stageName: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The options' schema: types, defaults and documentation in one. */
  readonly schema: z.ZodType;
  /** Makes a stage; its options are typed only on the concrete factory. */
  (options?: never): AnyStageSpec<K>;
}
