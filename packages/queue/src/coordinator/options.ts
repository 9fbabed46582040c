import type { QueuePlace } from '../connection/queue-place.js';
import type { DoorAddress } from './door.js';

/** How a run's units go through a queue. */
export interface CoordinatorOptions {
  /** Where the queue is. */
  readonly place: QueuePlace;
  /** Version and hash of the code that must answer, see {@link CoordinatorOptions.onNote} for what becomes of others. */
  readonly code: string;
  /** Where pictures and bundles are given to workers; nowhere when absent: workers then have them. */
  readonly serve?: DoorAddress;
  /** Where Prometheus reads; nowhere when absent. */
  readonly metrics?: DoorAddress;
  /** Times that a group may be left by workers that show no sign of life before it fails; 3 when absent. */
  readonly stalls?: number;
  /** Longest time for one unit in milliseconds; 10 minutes when absent. */
  readonly unitTimeoutMs?: number;
  /** A coordinator that shows no sign of life for so many milliseconds has lost the queue; 10,000 when absent. */
  readonly leaseMs?: number;
  /** How often groups that were lost or failed are looked for, in milliseconds; 2,000 when absent. */
  readonly sweepMs?: number;
  /** False where units look at no picture, e.g. in measurements of the queue itself; true when absent. */
  readonly pictures?: boolean;
  /** Told what the user should know: refused answers and workers, an absence of Redis. No secrets. */
  readonly onNote?: (note: string) => void;
  /** Told how many workers live, when that changes. */
  readonly onWorkers?: (count: number) => void;
}
