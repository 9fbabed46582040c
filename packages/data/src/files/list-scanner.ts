import { MaskloomError } from '@maskloom/core';
import type { JsonListItem } from './json-items.js';
import { fieldsWithoutNumber, parseTolerantJson } from './tolerant-json.js';

/** Largest item that is read, in bytes; a longer one is a broken file. */
const MAX_ITEM_BYTES = 1 << 28;
/** Longest key of the top-level object that is remembered. */
const MAX_KEY_BYTES = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;

/** What a byte adds to the depth. */
const BRACKETS = new Int8Array(256);
BRACKETS[OPEN_LIST] = BRACKETS[OPEN_OBJECT] = 1;
BRACKETS[CLOSE_LIST] = BRACKETS[CLOSE_OBJECT] = -1;

/** Finds the items of lists in the bytes of a JSON file, which come in pieces of any size. */
export class ListScanner {
  readonly #file: string;
  /** Lists that were not met yet; `undefined` when the file itself is the list. */
  readonly #wanted: Set<string> | undefined;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Bytes of the string being read at depth 1, where the keys of the top-level object are. */
  #text: number[] = [];
  #lastText = '';
  /** Depth of the list being read, 0 outside of one. */
  #listDepth = 0;
  #key = '';
  #found = false;
  #started = false;
  #index = 0;
  /** The parts of an item that lie in earlier pieces. */
  #parts: Buffer[] = [];
  #size = 0;
  /** Bytes of the file before the piece that is read. */
  #base = 0;
  /** Byte of the file where the current item starts. */
  #start = 0;

  constructor(file: string, keys: readonly string[] | undefined) {
    this.#file = file;
    this.#wanted = keys === undefined ? undefined : new Set(keys);
  }

  /** The items that end in the next piece of the file. */
  *feed(chunk: Buffer): Generator<JsonListItem> {
    let itemStart = this.#size > 0 ? 0 : -1;
    let i = 0;
    while (i < chunk.length) {
      // Nearly all of a file lies deeper than its lists, or in other lists.
      if (this.#depth > this.#level) {
        i = this.#skip(chunk, i);
        continue;
      }
      if (this.#inString) {
        i = this.#string(chunk, i);
        continue;
      }
      const byte = chunk[i] as number;
      if (this.#depth === this.#listDepth && this.#listDepth > 0) {
        if (byte === COMMA || byte === CLOSE_LIST) {
          if (itemStart >= 0) {
            yield this.#item(chunk.subarray(itemStart, i), this.#base + i);
            itemStart = -1;
          } else if (byte === COMMA || this.#index > 0)
            throw this.#invalid(`item ${this.#index} of the list is missing`);
        } else if (itemStart < 0 && byte > 0x20) {
          itemStart = i;
          this.#start = this.#base + i;
        }
      }
      this.#structure(byte);
      i++;
    }
    if (itemStart >= 0) this.#keep(chunk.subarray(itemStart));
    this.#base += chunk.length;
  }

  /** To be called after the last piece. */
  finish(): void {
    if (this.#depth !== 0 || this.#inString) throw this.#invalid('it ends too early');
    const [missing] = this.#wanted ?? [];
    if (missing !== undefined) throw this.#invalid(`it has no list '${missing}'`);
    if (!this.#found) throw this.#invalid('it is not a list');
  }

  /** The depth at which something is looked for: of the items of the list being read, or of the keys of the top-level object. */
  get #level(): number {
    return Math.max(1, this.#listDepth);
  }

  /** Reads on to where what lies deeper ends; the place after it, or the end of the piece. */
  #skip(chunk: Buffer, from: number): number {
    const level = this.#level;
    let [depth, inString, escaped] = [this.#depth, this.#inString, this.#escaped];
    let i = from;
    while (i < chunk.length && depth > level) {
      const byte = chunk[i++] as number;
      if (escaped) escaped = false;
      else if (byte === QUOTE) inString = !inString;
      else if (inString) escaped = byte === BACKSLASH;
      else if (BRACKETS[byte] !== 0) depth += BRACKETS[byte] as number;
    }
    [this.#depth, this.#inString, this.#escaped] = [depth, inString, escaped];
    return i;
  }

  /** Reads on in a string; the place after it, or the end of the piece. */
  #string(chunk: Buffer, from: number): number {
    let escaped = this.#escaped;
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        this.#escaped = false;
        if (this.#depth === 1) this.#lastText = Buffer.from(this.#text).toString('utf8');
        return i + 1;
      }
      if (this.#depth === 1 && this.#text.length < MAX_KEY_BYTES) this.#text.push(byte);
    }
    this.#escaped = escaped;
    return chunk.length;
  }

  #structure(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        this.#text = [];
        break;
      case OPEN_LIST:
        this.#depth++;
        if (this.#isWanted()) {
          this.#found = true;
          this.#listDepth = this.#depth;
          this.#key = this.#lastText;
          this.#index = 0;
          this.#wanted?.delete(this.#key);
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
    return this.#wanted === undefined
      ? this.#depth === 1 && !this.#started
      : this.#depth === 2 && this.#wanted.has(this.#lastText);
  }

  #keep(part: Buffer): void {
    this.#parts.push(Buffer.from(part));
    this.#size += part.length;
    if (this.#size > MAX_ITEM_BYTES)
      throw this.#invalid(`item ${this.#index} is longer than ${MAX_ITEM_BYTES} bytes`);
  }

  #item(rest: Buffer, end: number): JsonListItem {
    const text =
      this.#parts.length === 0
        ? rest.toString('utf8')
        : Buffer.concat([...this.#parts, rest]).toString('utf8');
    this.#parts = [];
    this.#size = 0;
    const index = this.#index++;
    try {
      const value = parseTolerantJson(text);
      const missing = /NaN|Infinity/.test(text) ? fieldsWithoutNumber(text) : [];
      return {
        key: this.#key,
        index,
        value,
        start: this.#start,
        end,
        ...(missing.length === 0 ? {} : { missing }),
      };
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
