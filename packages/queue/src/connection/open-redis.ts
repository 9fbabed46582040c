import { MaskloomError } from '@maskloom/core';
import { Redis } from 'ioredis';
import type { QueuePlace } from './queue-place.js';

/** The first answer may take this long. */
const PATIENCE_MS = 10_000;
/** Waits between two attempts to reconnect grow to this. */
const LONGEST_WAIT_MS = 1000;

/**
 * Connects to Redis or Valkey. Once connected, commands wait for as long as it is away: a restart is no failure.
 * @param onAway - told, once per absence, that it does not answer
 * @throws MaskloomError `QUEUE_UNREACHABLE` when it does not answer at first, refuses the password, or is too old
 */
export async function openRedis(place: QueuePlace, onAway?: (reason: string) => void): Promise<Redis> {
  const redis = new Redis(place.url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: PATIENCE_MS,
    retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_WAIT_MS),
    ...(place.password === undefined ? {} : { password: place.password }),
    ...(place.username === undefined ? {} : { username: place.username }),
  });
  let last = 'no answer';
  let away = true;
  redis.on('error', (error: Error) => (last = error.message));
  redis.on('reconnecting', () => {
    if (!away) onAway?.(last);
    away = true;
  });
  redis.on('ready', () => (away = false));
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(last)), PATIENCE_MS);
    });
    // The first failure to connect is final; a refused password shows with the first command.
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
  } catch (cause) {
    redis.disconnect();
    const why = last === 'no answer' ? (cause as Error).message : last;
    throw new MaskloomError('QUEUE_UNREACHABLE', `The queue does not open: ${why}.`, {
      where: place.url,
      hint: 'Check that Redis runs there, the port, the password, and redis:// against rediss://.',
    });
  } finally {
    clearTimeout(timer);
  }
  return redis;
}
