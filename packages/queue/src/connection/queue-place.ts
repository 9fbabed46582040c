import { MaskloomError } from '@maskloom/core';

/** Where a queue is, and what opens it. */
export interface QueuePlace {
  /** `redis://host:port/db`, or `rediss://` for TLS; without user and password. */
  readonly url: string;
  /** Of Redis; absent where it asks for none. */
  readonly password?: string;
  /** Of Redis; its default user when absent. */
  readonly username?: string;
  /** Shared by coordinator and workers: what is in the queue is sealed with it, and it opens the coordinator's door. */
  readonly token: string;
}

/** Environment variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/** A shorter token could be guessed from what it seals. */
const LEAST_TOKEN = 16;

/**
 * Reads where a queue is. Secrets may stand in the URL, or in `MASKLOOM_QUEUE_URL` (the whole URL), `MASKLOOM_QUEUE_USER`,
 * `MASKLOOM_QUEUE_PASSWORD` and `MASKLOOM_QUEUE_TOKEN`, where no list of processes shows them. No message repeats them.
 * @param asked - a URL; that of the environment when absent or `env`
 * @throws MaskloomError `OPTION_INVALID`
 */
export function queuePlace(asked: string | undefined, env: Environment = process.env): QueuePlace {
  const text = asked === undefined || asked === 'env' ? env['MASKLOOM_QUEUE_URL'] : asked;
  if (text === undefined || text === '')
    throw invalid('No queue was named.', 'Give redis://HOST:PORT/DB, or set MASKLOOM_QUEUE_URL.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '')
    throw invalid('This is no address of a queue.', 'Write redis://HOST:PORT/DB, or rediss:// for TLS.');
  if (!/^\/?\d{0,4}$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw invalid(
      'Behind host and port stands the number of a database, e.g. /0.',
      'Write redis://HOST:PORT/DB.',
    );
  const token = env['MASKLOOM_QUEUE_TOKEN'] ?? '';
  if (token.length < LEAST_TOKEN)
    throw new MaskloomError(
      'OPTION_INVALID',
      token === '' ? 'The queue needs a token.' : `The token is shorter than ${LEAST_TOKEN} letters.`,
      {
        where: 'MASKLOOM_QUEUE_TOKEN',
        hint: 'Set it to the same text for the coordinator and all workers: openssl rand -hex 32 makes one.',
      },
    );
  const password = decodeURIComponent(url.password) || env['MASKLOOM_QUEUE_PASSWORD'];
  const username = decodeURIComponent(url.username) || env['MASKLOOM_QUEUE_USER'];
  return {
    url: `${url.protocol}//${url.host}${url.pathname === '' ? '/0' : url.pathname}`,
    token,
    ...(password === undefined || password === '' ? {} : { password }),
    ...(username === undefined || username === '' ? {} : { username }),
  };
}

function invalid(message: string, hint: string): MaskloomError {
  return new MaskloomError('OPTION_INVALID', message, { where: '--queue', hint });
}
