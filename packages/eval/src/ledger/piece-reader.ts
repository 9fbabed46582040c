import { readSync } from 'node:fs';

/** Reads pieces of a file into one piece of memory, which grows to the longest: thousands of short-lived buffers pile up. */
export class PieceReader {
  readonly #file: number;
  #buffer = Buffer.allocUnsafe(1 << 14);

  /** @param file - a file descriptor */
  constructor(file: number) {
    this.#file = file;
  }

  /** The bytes at a place, fewer at the end of the file; valid until the next call. */
  read(offset: number, length: number): Buffer {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(2 * length);
    return this.#buffer.subarray(0, readSync(this.#file, this.#buffer, 0, length, offset));
  }
}
