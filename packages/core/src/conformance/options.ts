import type { ModelHost } from '../ports/model-host.js';
import type { SlotName } from '../slots/slot-stages.js';
import type { FixtureSizes, TensorMaker } from './fixture.js';
import type { ProbeOptions, SlotProbe } from './probe.js';

/** What the suite may need to know to call a stage. */
export interface ConformanceOptions<K extends SlotName = SlotName> extends Partial<ProbeOptions> {
  /** The models that the stage opens, new for each case (default: a fake host without models). */
  readonly host?: () => ModelHost | Promise<ModelHost>;
  /** Lengths of the synthetic inputs, where the stage insists on some. */
  readonly sizes?: Partial<FixtureSizes>;
  /** Makes input tensors, where the host takes none but its own. */
  readonly tensor?: TensorMaker;
  /** How a stage of another package's slot is called and what must hold of its answers; needed there, and only there. */
  readonly probe?: SlotProbe<K>;
}
