import { createReadStream } from 'node:fs';
import { MaskloomError, throwIfAborted } from '@maskloom/core';

/** One item of a list in a JSON file. */
export interface JsonItem {
  /** Place in the list, from 0. */
  readonly index: number;
  /** As JSON.parse gives it. */
  readonly value: unknown;
  /** Byte of the file where the item starts. */
  readonly start: number;
  /** Byte after its last one (blanks before the comma included). */
  readonly end: number;
}

/** Largest item that is read, in bytes; a longer one is a broken file. */
const MAX_ITEM_BYTES = 1 << 28;

/**
 * Reads the items of one list of a JSON file one by one, so that files larger than memory or than the longest possible
 * string can be read. The file is read to its end, so a cut-off file is noticed.
 * @param file - path of the file
 * @param key - the list's key in the top-level object; absent = the file itself is the list
 * @param signal - stops between two pieces of the file
 * @throws MaskloomError `DATA_NOT_FOUND` when there is no such file, `DATA_INVALID` when it is not JSON, is cut off or
 * has no such list, `ABORTED`
 */
export async function* readJsonItems(
  file: string,
  key?: string,
  signal?: AbortSignal,
): AsyncGenerator<JsonItem> {
  const scanner = new ItemScanner(file, key);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      throwIfAborted(signal, `reading ${file}`);
      yield* scanner.feed(chunk as Buffer);
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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;

class ItemScanner {
  readonly #file: string;
  readonly #key: string | undefined;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the string being read at depth 1, where the keys of the top-level object are. */
  #text: number[] = [];
  #lastText = '';
  #listDepth = 0;
  #found = false;
  #started = false;
  #index = 0;
  #parts: Buffer[] = [];
  #size = 0;
  /** Bytes of the file before the chunk that is read. */
  #base = 0;
  /** Byte of the file where the current item starts. */
  #start = 0;

  constructor(file: string, key: string | undefined) {
    this.#file = file;
    this.#key = key;
  }

  *feed(chunk: Buffer): Generator<JsonItem> {
    let itemStart = this.#size > 0 ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#inString) {
        this.#string(byte);
        continue;
      }
      const ends =
        this.#listDepth > 0 && this.#depth === this.#listDepth && (byte === COMMA || byte === CLOSE_LIST);
      if (ends) {
        if (itemStart >= 0) {
          yield this.#item(chunk.subarray(itemStart, i), this.#base + i);
          itemStart = -1;
        } else if (byte === COMMA || this.#index > 0)
          throw this.#invalid(`item ${this.#index} of the list is missing`);
      } else if (this.#listDepth > 0 && this.#depth === this.#listDepth && itemStart < 0 && byte > 0x20) {
        itemStart = i;
        this.#start = this.#base + i;
      }
      this.#structure(byte);
    }
    if (itemStart >= 0) {
      this.#parts.push(Buffer.from(chunk.subarray(itemStart)));
      this.#size += chunk.length - itemStart;
      if (this.#size > MAX_ITEM_BYTES)
        throw this.#invalid(`item ${this.#index} is longer than ${MAX_ITEM_BYTES} bytes`);
    }
    this.#base += chunk.length;
  }

  finish(): void {
    if (this.#depth !== 0 || this.#inString) throw this.#invalid('it ends too early');
    if (!this.#found)
      throw this.#invalid(this.#key === undefined ? 'it is not a list' : `it has no list '${this.#key}'`);
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      if (this.#depth === 1) this.#lastText = Buffer.from(this.#text).toString('utf8');
      return;
    }
    if (this.#depth === 1 && this.#text.length < 256) this.#text.push(byte);
  }

  #structure(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        this.#text = [];
        break;
      case OPEN_LIST:
        this.#depth++;
        if (!this.#found && this.#isWanted()) {
          this.#found = true;
          this.#listDepth = this.#depth;
        }
        this.#started = true;
        break;
      case OPEN_OBJECT:
        this.#depth++;
        this.#started = true;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        if (this.#depth === this.#listDepth) this.#listDepth = 0;
        this.#depth--;
        if (this.#depth < 0) throw this.#invalid('it closes a bracket that was never opened');
        break;
      default:
        if (!this.#started && byte > 0x20 && byte < 0x80)
          throw this.#invalid('it does not start with a list or an object');
    }
  }

  #isWanted(): boolean {
    return this.#key === undefined
      ? this.#depth === 1 && !this.#started
      : this.#depth === 2 && this.#lastText === this.#key;
  }

  #item(rest: Buffer, end: number): JsonItem {
    const text = Buffer.concat([...this.#parts, rest]).toString('utf8');
    this.#parts = [];
    this.#size = 0;
    const index = this.#index++;
    try {
      return { index, value: JSON.parse(text) as unknown, start: this.#start, end };
    } catch (cause) {
      throw this.#invalid(`item ${index} of the list is not JSON`, cause);
    }
  }

  #invalid(why: string, cause?: unknown): MaskloomError {
    return new MaskloomError('DATA_INVALID', `The file is not valid JSON of the expected form: ${why}.`, {
      where: this.#file,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
