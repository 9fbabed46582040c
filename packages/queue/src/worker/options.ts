import type { DeviceChoice } from '@maskloom/core';
import type { Overrides, RunPlan, Subject } from '@maskloom/eval';
import type { QueuePlace } from '../connection/queue-place.js';
import type { DoorAddress } from '../coordinator/door.js';

/** What a worker's machine has, for any run. */
export interface WorkerHost {
  /** Version and hash of the code. */
  readonly code: string;
  /** The module that worker processes start with: it calls `serveUnits`. */
  readonly entry: string | URL;
  /** Plugins of this machine that processes load. */
  readonly plugins: NonNullable<RunPlan['plugins']>;
  /** Folders that may be bundles of a run. */
  readonly bundles: () => Promise<readonly string[]>;
  /** Folder for bundles and pictures from the coordinator. */
  readonly cache: string;
  /**
   * What a recipe is made of here.
   * @param folders - the run's bundles on this machine, in its order
   */
  readonly resolve: (recipe: string, overrides: Overrides, folders: readonly string[]) => Promise<Subject>;
  /** More environment variables for processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a worker of a queue works. */
export interface QueueWorkerOptions {
  /** Where the queue is. */
  readonly place: QueuePlace;
  /** What this machine has. */
  readonly host: WorkerHost;
  /** Its name, unique among the workers of the queue; of the machine and the process when absent. */
  readonly name?: string;
  /** Processes; each takes a group at a time; 1 when absent. */
  readonly concurrency?: number;
  /** Where models run; the run's own choice when absent. */
  readonly device?: DeviceChoice;
  /** A worker that shows no sign of life for so many milliseconds loses its group to another; 30,000 when absent. */
  readonly lockMs?: number;
  /** Takes pictures from the coordinator even where its path is on this machine too; false when absent. */
  readonly fetch?: boolean;
  /** Ends when the run is over, in place of waiting for the next; false when absent. */
  readonly once?: boolean;
  /** Where Prometheus reads; nowhere when absent. */
  readonly metrics?: DoorAddress;
  /** Ends the worker; groups under way go back into the queue. */
  readonly signal: AbortSignal;
  /** Told what the user should know. No secrets. */
  readonly onNote?: (note: string) => void;
  /** Told after each unit. */
  readonly onUnits?: (count: { readonly done: number; readonly failed: number }) => void;
}
