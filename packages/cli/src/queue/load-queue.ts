import { MaskloomError } from '@maskloom/core';
import type * as Queue from '@maskloom/queue';

/** What `@maskloom/queue` exports. */
export type QueuePackage = typeof Queue;

/**
 * The package that talks to Redis: loaded when a queue is named, and at no other time.
 * @throws MaskloomError `OPTION_INVALID` when it is not installed
 */
export async function loadQueue(): Promise<QueuePackage> {
  try {
    return await import('@maskloom/queue');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new MaskloomError('OPTION_INVALID', 'Queues need a package that is not installed.', {
      where: '--queue',
      hint: 'npm install @maskloom/queue',
      cause,
    });
  }
}
