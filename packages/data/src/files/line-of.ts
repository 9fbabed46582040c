import { createReadStream } from 'node:fs';

/** The line of a file that a byte stands in, counted from 1. For messages: the file is read up to it. */
export async function lineOf(file: string, byte: number): Promise<number> {
  if (byte === 0) return 1;
  let lines = 1;
  for await (const chunk of createReadStream(file, { end: byte - 1 }) as AsyncIterable<Buffer>)
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  return lines;
}
