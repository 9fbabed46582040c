import { setTimeout as sleep } from 'node:timers/promises';
import { MaskloomError, throwIfAborted } from '@maskloom/core';
import type { HubSettings } from './settings.js';

/** How often a request is tried in all. */
export const ATTEMPTS = 5;
const REPEATED = new Set([408, 429, 500, 502, 503, 504]);
const LONGEST_WAIT = 60_000;
const MOST_HOPS = 10;

/** How a request is made. */
export interface Request {
  readonly settings: HubSettings;
  readonly method?: 'GET' | 'HEAD';
  /** First byte wanted, for the rest of a file. */
  readonly from?: number;
  /** Last byte wanted. */
  readonly to?: number;
  /** `all`, or `relative`: an absolute redirect is then the answer (it tells size and hash, and points to storage). */
  readonly follow?: 'all' | 'relative';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the hub; statuses that pass (408, 429, 5xx) and lost connections are tried again with growing pauses, or after
 * the pause that the hub asks for. The token goes to the hub's own host only.
 * @returns the last answer, whatever its status
 * @throws MaskloomError HUB_UNREACHABLE when there is no answer, ABORTED
 */
export async function request(url: string, options: Request): Promise<Response> {
  const { settings, signal } = options;
  let lost: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    throwIfAborted(signal, `request to ${settings.endpoint}`);
    let wait = backOff(settings, attempt);
    try {
      const response = await oneRequest(url, options);
      if (!REPEATED.has(response.status) || attempt === ATTEMPTS) return response;
      await response.body?.cancel();
      wait = retryAfter(response) ?? wait;
    } catch (error) {
      if (MaskloomError.is(error)) throw error;
      throwIfAborted(signal, `request to ${settings.endpoint}`);
      lost = error;
      if (attempt === ATTEMPTS) break;
    }
    await pause(wait, signal);
  }
  throw unreachable(url, lost);
}

/** Milliseconds to wait before the next attempt: doubled each time, up to a minute, with a random quarter taken off. */
export function backOff(settings: HubSettings, attempt: number): number {
  return Math.min(LONGEST_WAIT, settings.retryDelay * 2 ** (attempt - 1)) * (1 - Math.random() / 4);
}

/**
 * Waits.
 * @throws MaskloomError ABORTED
 */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, { ...(signal && { signal }) }).catch(() =>
    throwIfAborted(signal, 'waiting'),
  );
}

/** The error of a hub that does not answer. */
export function unreachable(url: string, cause: unknown): MaskloomError {
  const { host } = new URL(url);
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new MaskloomError(
    'HUB_UNREACHABLE',
    `${host} does not answer${inner instanceof Error ? ` (${inner.message})` : ''}.`,
    {
      where: host,
      hint: 'Check the connection and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use what was fetched before.',
      cause,
    },
  );
}

async function oneRequest(url: string, options: Request): Promise<Response> {
  const { settings, method = 'GET', from, to, follow = 'all', signal } = options;
  const home = new URL(settings.endpoint).host;
  let at = new URL(url);
  for (let hop = 0; hop <= MOST_HOPS; hop++) {
    const headers = new Headers({ 'accept-encoding': 'identity', 'user-agent': 'maskloom' });
    if (settings.token !== undefined && at.host === home)
      headers.set('authorization', `Bearer ${settings.token}`);
    if (from !== undefined || to !== undefined) headers.set('range', `bytes=${from ?? 0}-${to ?? ''}`);
    // The body has a watch of its own: this one is for the headers.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error('no answer in time')), settings.stallTimeout);
    const response = await fetch(at, {
      method,
      headers,
      redirect: 'manual',
      signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    }).finally(() => clearTimeout(timer));
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    const relative = location.startsWith('/') && !location.startsWith('//');
    if (follow === 'relative' && !relative) return response;
    await response.body?.cancel();
    at = new URL(location, at);
  }
  throw new MaskloomError('HUB_UNREACHABLE', `${home} redirects in a circle.`, { where: url });
}

/** The pause that the server asks for, in milliseconds; long ones are not obeyed. */
function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(LONGEST_WAIT, seconds * 1000) : undefined;
}
