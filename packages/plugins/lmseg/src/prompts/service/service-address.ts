import { trimEndOf } from '@maskloom/core';

/** Where a service is. */
export interface ServiceAddress {
  /** What is asked: with the address's own query, without user and password. */
  readonly url: string;
  /** The address without anything that may be secret: user, password and query. For errors, logs, results and caches. */
  readonly shown: string;
  /** Basic authorisation, when the address names a user. */
  readonly authorization: string | undefined;
}

/**
 * Takes an address apart into what is sent and what may be shown.
 * @param baseUrl - a URL, before `/chat/completions`; may hold a user, a password and a query
 */
export function serviceAddress(baseUrl: string): ServiceAddress {
  const url = new URL(baseUrl);
  const { username, password } = url;
  url.hash = '';
  url.username = '';
  url.password = '';
  const plain = new URL(url);
  plain.search = '';
  url.pathname = `${trimEndOf(url.pathname, /\//)}/chat/completions`;
  const user = `${unescaped(username)}:${unescaped(password)}`;
  return {
    url: url.href,
    shown: trimEndOf(plain.href, /\//),
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
  };
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A lone % is a %.
  }
}
