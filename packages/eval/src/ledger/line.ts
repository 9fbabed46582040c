import { crc32 } from 'node:zlib';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A record as one line: eight hexadecimal digits of its CRC-32, a blank, its JSON, a line feed. */
export function encodeLine(record: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(record));
  return Buffer.concat([Buffer.from(`${checksum(body)} `), body, Buffer.from('\n')]);
}

/**
 * The record of a line, without its line feed.
 * @returns `undefined` when the line is torn or altered: its checksum does not fit
 */
export function decodeLine(line: Uint8Array): Json | undefined {
  const body = line.subarray(9);
  if (line.length < 11 || Buffer.from(line.subarray(0, 9)).toString('latin1') !== `${checksum(body)} `)
    return undefined;
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}

function checksum(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}
