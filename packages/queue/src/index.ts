export { queuePlace, type QueuePlace } from './connection/queue-place.js';
export { queueDispatch } from './coordinator/queue-dispatch.js';
export type { CoordinatorOptions } from './coordinator/options.js';
export type { DoorAddress } from './coordinator/door.js';
export { runQueueWorker, type WorkerOutcome } from './worker/run-queue-worker.js';
export type { QueueWorkerOptions, WorkerHost } from './worker/options.js';
export { QueueControl, type QueueStatus } from './control/queue-control.js';
export type { WorkerState } from './protocol/messages.js';
