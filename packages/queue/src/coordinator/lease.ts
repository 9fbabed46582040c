import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { abortedError, MaskloomError } from '@maskloom/core';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { KEYS } from '../protocol/names.js';

const holderSchema = z.object({ run: z.string(), nonce: z.string(), host: z.string(), folder: z.string() });
type Holder = z.output<typeof holderSchema>;

/** The right to use a queue; it ends by itself when its holder shows no sign of life. */
export interface Lease {
  /** Says that the holder lives. @throws MaskloomError `QUEUE_BUSY` when another has taken the queue meanwhile */
  renew(): Promise<void>;
  /** Gives the right back. */
  release(): Promise<void>;
}

/**
 * Takes the right to use a queue. That of an earlier start of the same run, which was killed, is taken at once where its
 * folder is on this machine (the folder's own lock says that it is dead), else when it has run out.
 * @param ms - a holder that gives no sign of life for so long has lost it
 * @throws MaskloomError `QUEUE_BUSY` when another run uses the queue, `ABORTED`
 */
export async function takeLease(
  redis: Redis,
  {
    run,
    folder,
    ms,
    signal,
  }: { readonly run: string; readonly folder: string; readonly ms: number; readonly signal: AbortSignal },
): Promise<Lease> {
  const me: Holder = { run, nonce: randomUUID(), host: hostname(), folder };
  const mine = JSON.stringify(me);
  const start = performance.now();
  for (let first = true; (await redis.set(KEYS.lease, mine, 'PX', ms, 'NX')) === null; first = false) {
    if (signal.aborted) throw abortedError(signal, 'waiting for the queue');
    const holder = parse(await redis.get(KEYS.lease));
    if (holder?.host === me.host && holder.folder === folder && first) {
      await redis.set(KEYS.lease, mine, 'PX', ms);
      break;
    }
    // One that lives renews it: whoever waits longer than it lasts has seen it alive.
    if (performance.now() - start > 1.5 * ms) throw busy(holder);
    await delay(Math.min(200, ms / 10));
  }
  return {
    async renew() {
      const found = await redis.get(KEYS.lease);
      if (found !== null && found !== mine) throw busy(parse(found));
      await redis.set(KEYS.lease, mine, 'PX', ms);
    },
    async release() {
      if ((await redis.get(KEYS.lease)) === mine) await redis.del(KEYS.lease);
    },
  };
}

function parse(text: string | null): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

function busy(holder: Holder | undefined): MaskloomError {
  return new MaskloomError('QUEUE_BUSY', 'Another run uses the queue.', {
    where: holder === undefined ? '--queue' : `${holder.folder} on ${holder.host}`,
    hint: 'Wait for it, or give the number of another database: redis://HOST:PORT/1.',
  });
}
