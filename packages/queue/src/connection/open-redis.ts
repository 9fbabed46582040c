import { setTimeout as delay } from 'node:timers/promises';
import { MaskloomError } from '@maskloom/core';
import { Redis } from 'ioredis';
import type { QueuePlace } from './queue-place.js';

/** The first answer may take this long. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 250;
/** Waits between two attempts to reconnect grow to this. */
const LONGEST_WAIT_MS = 1000;

/** Waiting does not mend these. */
const FINAL = /WRONGPASS|NOAUTH|NOPERM|certificate|unknown command/i;

/**
 * Connects to Redis or Valkey, which may be starting. Once connected, commands wait for as long as it is away: a restart is no
 * failure.
 * @param onAway - told, once per absence, that it does not answer
 * @throws MaskloomError `QUEUE_UNREACHABLE` when it does not answer within ten seconds, or refuses the password
 */
export async function openRedis(place: QueuePlace, onAway?: (reason: string) => void): Promise<Redis> {
  const late = performance.now() + PATIENCE_MS;
  for (;;) {
    const { redis, failure } = await connect(place, onAway);
    if (failure === undefined) return redis;
    redis.disconnect();
    if (!FINAL.test(failure) && performance.now() < late) {
      await delay(RETRY_MS);
      continue;
    }
    throw new MaskloomError('QUEUE_UNREACHABLE', `The queue does not open: ${failure}.`, {
      where: place.url,
      hint: 'Check that Redis runs there, the port, the password, and redis:// against rediss://.',
    });
  }
}

/** One attempt. */
async function connect(
  { url, password, username }: QueuePlace,
  onAway: ((reason: string) => void) | undefined,
): Promise<{ readonly redis: Redis; readonly failure?: string }> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: PATIENCE_MS,
    retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_WAIT_MS),
    ...(password === undefined ? {} : { password }),
    ...(username === undefined ? {} : { username }),
  });
  let last = '';
  let away = true;
  redis.on('error', (error: Error) => (last = error.message));
  redis.on('reconnecting', () => {
    if (!away) onAway?.(last);
    away = true;
  });
  redis.on('ready', () => (away = false));
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(last || 'no answer')), PATIENCE_MS);
  });
  try {
    // A refused password shows with the first command.
    await Promise.race([redis.connect().then(() => redis.ping()), slow]);
    return { redis };
  } catch (error) {
    return { redis, failure: last || (error as Error).message };
  } finally {
    clearTimeout(timer);
    slow.catch(() => undefined);
  }
}
