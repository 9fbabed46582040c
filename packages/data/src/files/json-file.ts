import { open } from 'node:fs/promises';
import { asDataError } from './json-items.js';
import { MAX_FILE_BYTES } from './limits.js';
import { parseTolerantJson } from './tolerant-json.js';
import { dataInvalid } from './validate.js';

/** Characters 0x80..0x9f of cp1252; a blank stands for an unused code. */
const CP1252 =
  '\u20ac \u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152 \u017d  \u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153 \u017e\u0178';

/**
 * Reads a whole file.
 * @param limit - most bytes; a longer file is refused before it is read
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readBytes(path: string, limit: number = MAX_FILE_BYTES): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > limit) throw dataInvalid(path, 'size', `it has ${size} bytes, more than ${limit}`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asDataError(error, path);
  }
}

/**
 * Reads the lines of a text file, blanks at their ends and empty lines left out.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readLines(path: string): Promise<readonly string[]> {
  const text = decodeText(await readBytes(path, 1 << 26));
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * Reads a JSON file that holds one small record, in UTF-8 or cp1252.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const bytes = await readBytes(path, 1 << 28);
  try {
    return parseTolerantJson(decodeText(bytes));
  } catch (cause) {
    throw dataInvalid(path, 'record', `it is not JSON (${String((cause as Error).message)})`);
  }
}

/** UTF-8 text without its byte order mark, or cp1252 where the bytes are not UTF-8 (as in released ReasonSeg files). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Node 20 reads `windows-1252` as Latin-1, so its quotes and dashes are set here.
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (c) => CP1252[c.charCodeAt(0) - 0x80] ?? c);
  }
}
