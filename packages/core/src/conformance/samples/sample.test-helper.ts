import type { ModelHost } from '../../ports/model-host.js';
import type { SlotName, SlotStages } from '../../slots/slot-stages.js';
import type { ConformanceOptions } from '../options.js';
import { fakeTensor } from '../fake-tensor.js';

/** A well-behaved stage, and ways to spoil it, each under the name of the case that must notice. */
export interface Sample<K extends SlotName> {
  readonly options?: ConformanceOptions;
  readonly make: (models: ModelHost) => SlotStages[K] | Promise<SlotStages[K]>;
  readonly spoils: Readonly<Record<string, (good: SlotStages[K]) => SlotStages[K]>>;
}

/** A float32 tensor. */
export const float = (dims: readonly number[], data: Float32Array) => fakeTensor('float32', dims, data);
