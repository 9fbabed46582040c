import { open } from 'node:fs/promises';
import { asDataError } from './json-items.js';
import { parseTolerantJson } from './tolerant-json.js';
import { dataInvalid } from './validate.js';

/** Where an item of a list is in its file, see {@link JsonItem}. */
export interface JsonSlice {
  /** First byte. */
  readonly start: number;
  /** Byte after the last. */
  readonly end: number;
}

/**
 * Reads items of a JSON file again by their places.
 * @throws MaskloomError `DATA_INVALID` when a place holds no JSON any more: the file has changed
 */
export async function readJsonSlices(
  file: string,
  slices: readonly JsonSlice[],
): Promise<readonly unknown[]> {
  if (slices.length === 0) return [];
  const texts: string[] = [];
  try {
    const handle = await open(file);
    try {
      for (const { start, end } of slices) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
        texts.push(buffer.toString('utf8', 0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asDataError(error, file);
  }
  return texts.map((text, i) => {
    try {
      return parseTolerantJson(text);
    } catch {
      throw dataInvalid(file, `byte ${slices[i]?.start ?? 0}`, 'the file has changed since it was opened');
    }
  });
}
