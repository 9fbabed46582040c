import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { MaskloomError } from '@maskloom/core';
import { aborted, throwIfAborted } from '../aborted.js';

/** An image's encoded bytes and their SHA-256 (hexadecimal). */
export interface ImageBytes {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Larger files are refused before they are read: no image within any sensible pixel limit needs this much. */
const MAX_FILE_BYTES = 1 << 30;
const CHUNK_BYTES = 1 << 20;

/**
 * Reads an image file in pieces, hashing on the way.
 * @throws MaskloomError IMAGE_NOT_FOUND, IMAGE_EMPTY, IMAGE_TOO_LARGE, IMAGE_UNREADABLE (a folder, no permission), ABORTED.
 */
export async function readImageFile(path: string, signal?: AbortSignal): Promise<ImageBytes> {
  const file = await openImage(path);
  try {
    const { size } = await checkedStat(file, path);
    const bytes = new Uint8Array(size);
    const hash = createHash('sha256');
    let read = 0;
    while (read < size) {
      throwIfAborted(signal);
      const { bytesRead } = await file.read(bytes, read, Math.min(CHUNK_BYTES, size - read), read);
      if (bytesRead === 0) throw new Error('the file became shorter while it was read');
      hash.update(bytes.subarray(read, read + bytesRead));
      read += bytesRead;
    }
    return { bytes, sha256: hash.digest('hex') };
  } catch (cause) {
    if (signal?.aborted === true) throw aborted(signal);
    throw MaskloomError.is(cause) ? cause : unreadable(path, cause as Error);
  } finally {
    await file.close();
  }
}

/**
 * The first bytes of an image file.
 * @param count - at most this many
 * @throws MaskloomError IMAGE_NOT_FOUND, IMAGE_TOO_LARGE, IMAGE_UNREADABLE
 */
export async function readImageStart(path: string, count: number): Promise<Uint8Array> {
  const file = await openImage(path);
  try {
    await checkedStat(file, path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw MaskloomError.is(cause) ? cause : unreadable(path, cause as Error);
  } finally {
    await file.close();
  }
}

/** Hashes bytes that are in memory already, yielding to the event loop between pieces. */
export async function hashBytes(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < bytes.length; from += 4 * CHUNK_BYTES) {
    if (from > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
    hash.update(bytes.subarray(from, from + 4 * CHUNK_BYTES));
  }
  return hash.digest('hex');
}

type FileHandle = Awaited<ReturnType<typeof open>>;

function openImage(path: string): Promise<FileHandle> {
  // Without waiting: a pipe's end would be waited for until somebody writes into it.
  return open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (cause: NodeJS.ErrnoException) => {
      throw cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
        ? new MaskloomError('IMAGE_NOT_FOUND', 'there is no such image', {
            where: path,
            hint: 'Check the path.',
            cause,
          })
        : unreadable(path, cause);
    },
  );
}

async function checkedStat(file: FileHandle, path: string): Promise<{ size: number }> {
  const info = await file.stat();
  if (!info.isFile())
    throw new MaskloomError('IMAGE_UNREADABLE', 'this is not a file', {
      where: path,
      hint: 'Give an image file.',
    });
  if (info.size > MAX_FILE_BYTES) {
    throw new MaskloomError(
      'IMAGE_TOO_LARGE',
      `the file has ${info.size} bytes; at most ${MAX_FILE_BYTES} are read`,
      { where: path },
    );
  }
  return info;
}

function unreadable(where: string, cause: Error): MaskloomError {
  return new MaskloomError('IMAGE_UNREADABLE', `the image cannot be read: ${cause.message}`, {
    where,
    cause,
  });
}
