import { readBytes } from '../files/json-file.js';
import { runPickle } from './machine.js';
import { plainOf } from './plain.js';
import { PickleReader } from './reader.js';

/**
 * Reads a Python pickle (protocols 0 to 5, of Python 2 or 3) as data: nothing in it is imported, looked up or called.
 * The result is what JSON.parse would give of the same values; sets and tuples are arrays, bytes are Latin-1 text, and an
 * object of a class is `{ pickled: 'module.name' }`.
 * @param bytes - the pickle
 * @param where - its file, for errors
 * @throws MaskloomError `DATA_INVALID` naming the byte when it is damaged or no pickle; also on a value that holds itself,
 * nesting deeper than 64 and more than 4 values per byte
 */
export function parsePickle(bytes: Uint8Array, where = 'pickle'): unknown {
  return plainOf(runPickle(new PickleReader(bytes, where)), { where, values: 4 * bytes.length + 1000 });
}

/**
 * Reads a pickle file, see {@link parsePickle}.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readPickle(file: string): Promise<unknown> {
  return parsePickle(await readBytes(file), file);
}
