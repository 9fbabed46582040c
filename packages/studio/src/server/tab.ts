import type { FastifyRequest } from 'fastify';

/**
 * The tab that a request belongs to: the random name in its `X-Tab` header, which other tabs do not know; programs that name
 * none share one.
 */
export function tabOf({ headers }: FastifyRequest): string {
  const name = headers['x-tab'];
  return typeof name === 'string' && /^[\w-]{8,64}$/.test(name) ? name : 'no tab';
}
