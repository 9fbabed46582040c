import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MaskloomError, throwIfAborted } from '@maskloom/core';
import { fileUrl, type FileHead } from '../client/head.js';
import type { ProgressMeter } from '../client/progress.js';
import { refusal } from '../client/refusals.js';
import { ATTEMPTS, backOff, pause, request, unreachable } from '../client/request.js';
import type { HubSettings } from '../client/settings.js';
import { addFile, hashFor } from './content-hash.js';

/** A blob to be fetched. */
export interface BlobJob {
  /** `owner/name`. */
  readonly id: string;
  /** Its path in the repository. */
  readonly file: string;
  readonly head: FileHead;
  /** Where it goes when it is whole and right. */
  readonly blob: string;
  /** Where it grows until then. */
  readonly partial: string;
  readonly settings: HubSettings;
  readonly meter: ProgressMeter;
  readonly signal?: AbortSignal | undefined;
}

/** The part of a file that came over one connection ended before the file did. */
class CutShort extends Error {}

/**
 * Fetches a file's contents from where an earlier attempt ended, checks size and digest, and moves it to its place. What
 * came before a failure stays for the next attempt.
 * @throws MaskloomError HUB_FILE_DAMAGED when the contents are not those of the ETag, twice from the start; DISK_FULL,
 * HUB_UNREACHABLE, HUB_NOT_FOUND, HUB_ACCESS_DENIED, ABORTED
 */
export async function fetchBlob(job: BlobJob): Promise<void> {
  await mkdir(dirname(job.partial), { recursive: true });
  for (const last of [false, true]) {
    await fetchRest(job);
    if (await whole(job)) break;
    await rm(job.partial, { force: true });
    job.meter.present(-job.head.size, job.file);
    if (last) throw damaged(job);
  }
  // On the disk before it has its name: a name in `blobs` is a promise.
  const file = await open(job.partial, 'r+');
  await file.sync().finally(() => file.close());
  await rename(job.partial, job.blob);
}

async function fetchRest(job: BlobJob): Promise<void> {
  const { head, partial, file, meter, settings, signal } = job;
  let have = await sizeOf(partial);
  if (have > head.size) {
    await rm(partial, { force: true });
    have = 0;
  }
  meter.present(have, file);
  for (let attempt = 1; have < head.size;) {
    throwIfAborted(signal, `download of ${file}`);
    const before = have;
    try {
      await readOn(job, have);
    } catch (error) {
      if (isFull(error)) throw diskFull(job, error);
      if (MaskloomError.is(error)) throw error;
      throwIfAborted(signal, `download of ${file}`);
      have = await sizeOf(partial);
      attempt = have > before ? 1 : attempt + 1;
      if (attempt > ATTEMPTS) throw unreachable(settings.endpoint, error);
      await pause(backOff(settings, attempt), signal);
      continue;
    }
    have = await sizeOf(partial);
  }
  // An empty file is never asked for.
  if (head.size === 0) await open(partial, 'w').then((empty) => empty.close());
}

/** One connection's worth of the file, appended. */
async function readOn(job: BlobJob, have: number): Promise<void> {
  const { id, file, head, settings, signal } = job;
  const asked = { id, file, revision: head.commit };
  const stalled = new AbortController();
  const both = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]);
  const response = await request(fileUrl(settings, asked), {
    settings,
    signal: both,
    ...(have > 0 ? { from: have } : {}),
  });
  if (response.status === 416) {
    await rm(job.partial, { force: true });
    throw new CutShort('the server has no such part of the file');
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw refusal(response, asked, settings);
  }
  const goesOn = response.status === 206 && startOf(response) === have;
  if (!goesOn && response.status === 206)
    throw new CutShort('the server gave another part than was asked for');
  if (!goesOn && have > 0) job.meter.present(-have, file);
  await append(job, response.body, goesOn ? have : 0, () =>
    stalled.abort(new Error('the connection fell silent')),
  );
}

/** Writes what comes; ends early, without a fault, when the server sends more than it said. */
async function append(
  { partial, head, file, meter, settings }: BlobJob,
  body: AsyncIterable<Uint8Array>,
  from: number,
  onStall: () => void,
): Promise<void> {
  const out = await open(partial, from > 0 ? 'a' : 'w');
  let at = from;
  let timer = setTimeout(onStall, settings.stallTimeout);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(onStall, settings.stallTimeout);
      const room = head.size - at;
      const piece = chunk.length > room ? chunk.subarray(0, room) : chunk;
      await out.appendFile(piece);
      at += piece.length;
      meter.came(piece.length, file);
      if (at === head.size) break;
    }
  } finally {
    clearTimeout(timer);
    await out.close();
  }
  if (at < head.size) throw new CutShort('the connection ended before the file did');
}

async function whole({ head, partial }: BlobJob): Promise<boolean> {
  if ((await sizeOf(partial)) !== head.size) return false;
  const hash = hashFor(head.etag, head.size);
  if (hash === undefined) return true;
  await addFile(hash, partial);
  return hash.digest('hex') === head.etag;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** First byte of the part that came. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN);
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function diskFull({ partial, file }: BlobJob, cause: unknown): MaskloomError {
  return new MaskloomError(
    'DISK_FULL',
    `The disk was full before ${file} was whole; what came of it is kept.`,
    {
      where: partial,
      hint: 'Make room and start again, or set HF_HUB_CACHE to a folder on another disk.',
      cause,
    },
  );
}

function damaged({ id, file, head }: BlobJob): MaskloomError {
  return new MaskloomError(
    'HUB_FILE_DAMAGED',
    `${file} arrived twice with other contents than its ETag ${head.etag} says.`,
    {
      where: id,
      hint: 'Something between here and the hub changes files (a proxy?); try another connection.',
    },
  );
}
