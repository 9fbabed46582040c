import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { abortedError, MaskloomError, partialPath } from '@maskloom/core';
import { admission } from '../protocol/admission.js';
import type { Sealer } from '../protocol/seal.js';

/** A coordinator that restarts is away for less. */
const TRIES = 60;
const WAIT_MS = 1000;

/** Whom to ask, and with what. */
export interface Ask {
  /** The coordinator's address. */
  readonly http: string;
  readonly sealer: Sealer;
  readonly signal: AbortSignal;
}

/** What the coordinator does not have any more: the group is settled, or of another run. */
export class Gone extends Error {}

/**
 * Brings a file, whole and with the content asked for, or not at all.
 * @throws Gone; MaskloomError `QUEUE_REFUSED` when another content came, `ABORTED`
 */
export async function fetchInto(place: string, path: string, sha256: string, ask: Ask): Promise<void> {
  if (existsSync(place)) return;
  const beside = partialPath(place);
  try {
    const found = await again(ask.signal, async () => {
      const hash = createHash('sha256');
      const counting = new Transform({
        transform(chunk: Buffer, _, next) {
          hash.update(chunk);
          next(undefined, chunk);
        },
      });
      const body = (await get(path, ask)).body as Parameters<typeof Readable.fromWeb>[0];
      await pipeline(Readable.fromWeb(body), counting, createWriteStream(beside), { signal: ask.signal });
      return hash.digest('hex');
    });
    if (found !== sha256) throw other(ask.http, path);
    await rename(beside, place);
  } finally {
    await rm(beside, { force: true });
  }
}

/** A small text of the coordinator. @throws as {@link fetchInto} */
export async function fetchText(path: string, ask: Ask): Promise<string> {
  return again(ask.signal, async () => (await get(path, ask)).text());
}

/** Once more while nobody answers. */
async function again<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw abortedError(signal, 'fetching from the coordinator');
      if (error instanceof Gone || MaskloomError.is(error) || attempt >= TRIES) throw error;
      await delay(WAIT_MS);
    }
  }
}

async function get(path: string, { http, sealer, signal }: Ask): Promise<Response> {
  const response = await fetch(new URL(path, http), {
    headers: { authorization: admission(sealer, path) },
    redirect: 'error',
    signal,
  });
  if (response.ok) return response;
  if (response.status === 404) throw new Gone(path);
  if (response.status === 401)
    throw new MaskloomError(
      'QUEUE_REFUSED',
      `The coordinator lets nobody in: ${(await response.text()).slice(0, 200)}.`,
      {
        where: http,
        hint: 'Set MASKLOOM_QUEUE_TOKEN to the same text on both, and check the clocks.',
      },
    );
  throw new Error(`${http} answers ${response.status}`);
}

function other(http: string, path: string): MaskloomError {
  return new MaskloomError('QUEUE_REFUSED', 'The coordinator gave another file than the run names.', {
    where: `${http}${path}`,
    hint: 'The file was changed after the run began: run the command of the run again.',
  });
}
