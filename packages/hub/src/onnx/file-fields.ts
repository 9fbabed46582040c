import type { FileHandle } from 'node:fs/promises';
import { MaskloomError } from '@maskloom/core';

/** A part of a file: bytes from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One field of a protobuf message that lies in a file. */
export interface FileField extends Span {
  /** Its number in the message. */
  readonly number: number;
  /** Wire type: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: number;
  /** Where its value begins; `start` is where its tag does. */
  readonly value: number;
}

const WINDOW = 1 << 16;

/** Reads a large file here and there; what is read one after the other comes out of one buffer. */
export class FileReader {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.alloc(WINDOW);
  #from = 0;
  #filled = 0;

  /**
   * @param path - for messages
   * @param size - bytes of the file
   */
  constructor(
    file: FileHandle,
    readonly path: string,
    readonly size: number,
  ) {
    this.#file = file;
  }

  /** The bytes of a part; nodes are small and lie one after the other, so that most of them are in the window. */
  async bytes({ start, end }: Span): Promise<Buffer> {
    if (end > this.size) throw this.broken();
    const bytes = Buffer.alloc(end - start);
    if (bytes.length <= WINDOW) {
      if (!this.#holds(start, end)) await this.#fill(start);
      if (!this.#holds(start, end)) throw this.broken();
      this.#buffer.copy(bytes, 0, start - this.#from, end - this.#from);
      return bytes;
    }
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw this.broken();
      done += bytesRead;
    }
    return bytes;
  }

  /** The fields of a message that fills a part; values are skipped over, not read. */
  async *fields({ start, end }: Span): AsyncGenerator<FileField> {
    let at = start;
    while (at < end) {
      const tag = await this.varint(at);
      const wire = tag.value & 7;
      let next: number;
      let value = tag.next;
      if (wire === 0) next = (await this.varint(value)).next;
      else if (wire === 1) next = value + 8;
      else if (wire === 5) next = value + 4;
      else if (wire === 2) {
        const length = await this.varint(value);
        value = length.next;
        next = value + length.value;
      } else throw this.broken();
      if (next > end) throw this.broken();
      yield { number: Math.floor(tag.value / 8), wire, start: at, value, end: next };
      at = next;
    }
  }

  /** A varint and where it ends; exact up to 2^53. */
  async varint(at: number): Promise<{ readonly value: number; readonly next: number }> {
    let value = 0;
    // A varint has ten bytes at most; a promise for each of them would be most of the time that reading a graph takes.
    const most = Math.min(at + 10, this.size);
    if (!this.#holds(at, most)) await this.#fill(at);
    for (let i = 0; i < most - at && this.#holds(at, at + i + 1); i++) {
      const byte = this.#buffer[at + i - this.#from] as number;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return { value, next: at + i + 1 };
    }
    throw this.broken();
  }

  /** The error of a file that is no ONNX graph, or only a part of one. */
  broken(): MaskloomError {
    return new MaskloomError('HUB_FILE_DAMAGED', 'The file is no whole ONNX graph.', {
      where: this.path,
      hint: 'Remove it (maskloom hub rm) and fetch it again.',
    });
  }

  #holds(start: number, end: number): boolean {
    return start >= this.#from && end <= this.#from + this.#filled;
  }

  async #fill(from: number): Promise<void> {
    this.#from = from;
    this.#filled = 0;
    const most = Math.min(WINDOW, this.size - from);
    while (this.#filled < most) {
      const { bytesRead } = await this.#file.read(
        this.#buffer,
        this.#filled,
        most - this.#filled,
        from + this.#filled,
      );
      if (bytesRead === 0) return;
      this.#filled += bytesRead;
    }
  }
}
