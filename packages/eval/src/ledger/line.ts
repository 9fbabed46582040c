import { crc32 } from 'node:zlib';

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A record as one line: eight hexadecimal digits of its CRC-32, a blank, its JSON, a line feed. */
export function encodeLine(record: unknown): Buffer {
  const body = JSON.stringify(record);
  return Buffer.from(`${checksum(body)} ${body}\n`);
}

/**
 * The record of a line, without its line feed.
 * @returns `undefined` when the line is torn or altered: its checksum does not fit
 */
export function decodeLine(line: Uint8Array): Json | undefined {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const body = bytes.subarray(9);
  if (bytes.length < 11 || bytes.toString('latin1', 0, 9) !== `${checksum(body)} `) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}

function checksum(body: Uint8Array | string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
