/** Before the names of everything that a queue keeps in Redis. */
export const PREFIX = 'maskloom';
/** Queue of the groups of units that wait for a worker. */
export const GROUPS = 'groups';
/** Queue of the outcomes that wait for the coordinator. */
export const ANSWERS = 'answers';

/** Keys beside those of the queues. */
export const KEYS = {
  /** What workers open, sealed. */
  run: `${PREFIX}:run`,
  /** Which coordinator lives; gone when it shows no sign of life. */
  lease: `${PREFIX}:lease`,
  /** Hash: workers that refused the run or were refused by it, with the reason. */
  refused: `${PREFIX}:refused`,
  /** What a worker says of itself; gone when it shows no sign of life. */
  worker: (name: string): string => `${PREFIX}:worker:${name}`,
  /** Every worker's key. */
  workers: `${PREFIX}:worker:*`,
} as const;

/** Largest text of one group or answer, in UTF-16 units: masks of a crowded picture take less than a tenth of it. */
export const LARGEST = 64 * 1024 * 1024;
