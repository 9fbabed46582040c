import { open } from 'node:fs/promises';
import { MaskloomError, throwIfAborted } from '@maskloom/core';
import { ListScanner } from './list-scanner.js';

/** One item of a list in a JSON file. */
export interface JsonItem {
  /** Place in the list, from 0. */
  readonly index: number;
  /** As JSON.parse gives it; numbers that JSON does not have are `null`. */
  readonly value: unknown;
  /** Fields that held such a number (`NaN`, `Infinity`); absent where there are none. */
  readonly missing?: readonly string[];
  /** Byte of the file where the item starts. */
  readonly start: number;
  /** Byte after its last one (blanks before the comma included). */
  readonly end: number;
}

/** One item of one of several lists. */
export interface JsonListItem extends JsonItem {
  /** The list's key in the top-level object. */
  readonly key: string;
}

/**
 * Reads the items of one list of a JSON file one by one, so that files larger than memory or than the longest possible
 * string can be read. The file is read to its end, so a cut-off file is noticed.
 * @param file - path of the file
 * @param key - the list's key in the top-level object; absent = the file itself is the list
 * @param signal - stops between two pieces of the file
 * @throws MaskloomError `DATA_NOT_FOUND` when there is no such file, `DATA_INVALID` when it is not JSON, is cut off or
 * has no such list, `ABORTED`
 */
export function readJsonItems(file: string, key?: string, signal?: AbortSignal): AsyncGenerator<JsonItem> {
  return scan(file, key === undefined ? undefined : [key], signal);
}

/**
 * Reads the items of several lists of a JSON file's top-level object in one pass, in the order of the file.
 * @throws MaskloomError as {@link readJsonItems}, also when one of the lists is missing
 */
export function readJsonLists(
  file: string,
  keys: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<JsonListItem> {
  return scan(file, keys, signal);
}

async function* scan(
  file: string,
  keys: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<JsonListItem> {
  const scanner = new ListScanner(file, keys);
  // One piece of memory for all of the file: a stream's pieces would wait for the garbage collector.
  const chunk = Buffer.allocUnsafe(1 << 18);
  try {
    await using handle = await open(file);
    for (;;) {
      throwIfAborted(signal, `reading ${file}`);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length);
      if (bytesRead === 0) break;
      yield* scanner.feed(chunk.subarray(0, bytesRead));
    }
  } catch (error) {
    throw asDataError(error, file);
  }
  scanner.finish();
}

/** Turns a file system error into a typed one; typed errors pass through. */
export function asDataError(error: unknown, file: string): MaskloomError {
  if (MaskloomError.is(error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new MaskloomError('DATA_NOT_FOUND', 'The file does not exist.', { where: file, cause: error });
  }
  return new MaskloomError('DATA_INVALID', `The file cannot be read (${code ?? String(error)}).`, {
    where: file,
    cause: error,
  });
}
