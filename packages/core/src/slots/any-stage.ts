import type { z } from 'zod';
import type { SlotName } from './slot.js';
import type { Signal, StageSpec } from './stage.js';

/** Any stage that can be built, whatever its slot: what registries, reports and the command line handle. */
export type AnyStageSpec = { [K in SlotName]: StageSpec<K, Signal, never> }[SlotName];

/** Any stage kind, whatever its slot and options. Make a stage of it with `createSpec`. */
export interface AnyStageFactory {
  /** The slot that its stages fill. */
  readonly slot: SlotName;
  /** `package/stage`, e.g. `read/similarity-as-points`. */
  readonly stageName: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** The options' schema: types, defaults and documentation in one. */
  readonly schema: z.ZodType;
  /** Makes a stage; its options are typed only on the concrete factory. */
  (options?: never): AnyStageSpec;
}
