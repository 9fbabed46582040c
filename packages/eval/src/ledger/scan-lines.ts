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
  let held: Buffer = Buffer.alloc(0);
  let offset = 0;
  for (let position = 0; ;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = readSync(file, chunk, 0, CHUNK, position);
    if (count === 0) break;
    position += count;
    held = held.length === 0 ? chunk.subarray(0, count) : Buffer.concat([held, chunk.subarray(0, count)]);
    let start = 0;
    for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10, start)) {
      yield { offset: offset + start, bytes: held.subarray(start, end), whole: true };
      start = end + 1;
    }
    offset += start;
    held = held.subarray(start);
  }
  if (held.length > 0) yield { offset, bytes: held, whole: false };
}
