import type { Device } from '@maskloom/core';
import { FairQueue, type QueueLimits } from './fair-queue.js';

/** One queue for each device that is used: devices work side by side, the jobs of one after the other. */
export class DeviceQueues {
  readonly #limits: QueueLimits;
  readonly #queues = new Map<Device, FairQueue>();

  /** @param limits - of each queue */
  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** The queue of a device. */
  of(device: Device): FairQueue {
    const queue = this.#queues.get(device) ?? new FairQueue(this.#limits);
    this.#queues.set(device, queue);
    return queue;
  }

  /** Jobs that wait, of all devices. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.waiting, 0);
  }

  /** True while a device works. */
  get busy(): boolean {
    return [...this.#queues.values()].some((queue) => queue.busy);
  }
}
