import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { MaskloomError } from '@maskloom/core';
import type { FastifyRequest } from 'fastify';

/** What requests must show. */
export interface GuardOptions {
  /** The token of this studio. */
  readonly token: string;
  /** True when others than this machine may connect: its name and addresses are then hosts, too. */
  readonly open: boolean;
}

/** The page itself and the description of the API are opened by address: there the token stands in the query. */
const BY_ADDRESS = new Set(['/', '/api']);

/**
 * Refuses what does not come from the studio's own page or from who knows its token.
 *
 * - `Host` must name this machine by a loopback name or address: a name of another site that was made to point here (DNS
 *   rebinding) is refused.
 * - `Origin`, and what browsers say of the asking page (`Sec-Fetch-Site`), must be the studio's own.
 * - The token is compared in constant time. It travels in a header that no page of another site can set, never in a cookie.
 * @throws MaskloomError ACCESS_DENIED
 */
export function checkAccess(request: FastifyRequest, { token, open }: GuardOptions): void {
  const { host = '', origin, authorization } = request.headers;
  if (!isOwnHost(host, open)) throw denied('The host that was asked for is not this studio.', 'Host');
  const site = request.headers['sec-fetch-site'];
  const byHand = site === undefined || site === 'none' || site === 'same-origin';
  if ((origin !== undefined && origin !== `http://${host}`) || !(byHand || isNavigation(request)))
    throw denied('The request comes from a page of another site.', 'Origin');
  const path = request.url.split('?')[0] ?? '';
  if (path.startsWith('/assets/')) return;
  const query = (request.query as { readonly token?: unknown }).token;
  const given =
    BY_ADDRESS.has(path) && typeof query === 'string'
      ? query
      : (/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '');
  if (!sameText(given, token)) throw denied('The token is missing or wrong.', 'token');
}

/** A link to the page from anywhere is harmless: without the token nothing is shown, and the answer stays unread. */
function isNavigation({ method, headers }: FastifyRequest): boolean {
  return (
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  );
}

function isOwnHost(host: string, open: boolean): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  const address = name.replace(/^\[([^\]]*)\]$/, '$1');
  if (name === 'localhost' || address === '127.0.0.1' || address === '::1') return true;
  // An address cannot be rebound; of names only the machine's own is known.
  return open && (isIP(address) !== 0 || name === hostname().toLowerCase());
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function denied(message: string, where: string): MaskloomError {
  return new MaskloomError('ACCESS_DENIED', message, {
    where,
    hint: 'Open the address that maskloom studio printed.',
  });
}
