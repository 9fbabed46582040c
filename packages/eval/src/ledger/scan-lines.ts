import { readSync } from 'node:fs';

/** One line of a file: its bytes without the line feed, and where it stands. */
export interface FoundLine {
  /** Its first byte in the file. */
  readonly offset: number;
  /** Without the line feed; valid until the next line is asked for. */
  readonly bytes: Uint8Array;
  /** False for a last line that has no line feed. */
  readonly whole: boolean;
}

const CHUNK = 1 << 18;

/** The lines of an open file in order, a chunk in memory at a time (more only while one line is longer). */
export function* scanLines(file: number): Generator<FoundLine> {
  let buffer = Buffer.allocUnsafe(CHUNK);
  /** Place of the buffer's first byte in the file, and bytes of it that are filled. */
  let offset = 0;
  let filled = 0;
  for (;;) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
    const count = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
    if (count === 0) break;
    const fresh = filled;
    filled += count;
    let start = 0;
    for (let end = buffer.indexOf(10, fresh); end >= 0 && end < filled; end = buffer.indexOf(10, start)) {
      yield { offset: offset + start, bytes: buffer.subarray(start, end), whole: true };
      start = end + 1;
    }
    buffer.copyWithin(0, start, filled);
    offset += start;
    filled -= start;
  }
  if (filled > 0) yield { offset, bytes: buffer.subarray(0, filled), whole: false };
}
