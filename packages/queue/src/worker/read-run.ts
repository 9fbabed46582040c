import type { Redis } from 'ioredis';
import { runSchema, type QueuedRun } from '../protocol/messages.js';
import { KEYS } from '../protocol/names.js';
import type { Sealer } from '../protocol/seal.js';

/**
 * The run that the queue is used for.
 * @returns `undefined` when there is none
 * @throws MaskloomError `QUEUE_REFUSED` when it was not sealed with this token, or is not as it should be
 */
export async function readRun(redis: Redis, sealer: Sealer): Promise<QueuedRun | undefined> {
  const text = await redis.get(KEYS.run);
  if (text === null) return undefined;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = undefined;
  }
  return sealer.open('run', runSchema, given);
}
