import type { Redis } from 'ioredis';
import { KEYS } from '../protocol/names.js';
import { workerSchema, type WorkerState } from '../protocol/messages.js';

/** What the workers that live say of themselves, by name. */
export async function liveWorkers(redis: Redis): Promise<readonly WorkerState[]> {
  const keys: string[] = [];
  for await (const found of redis.scanStream({ match: KEYS.workers, count: 1000 }))
    keys.push(...(found as readonly string[]));
  if (keys.length === 0) return [];
  const texts = await redis.mget(...new Set(keys));
  const states = texts.flatMap((text) => {
    const state = workerSchema.safeParse(parse(text));
    return state.success ? [state.data] : [];
  });
  return states.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
