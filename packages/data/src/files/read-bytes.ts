import { closeSync, fstatSync, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { asDataError } from './json-items.js';
import { dataInvalid } from './validate.js';

const opened = promisify(open);
const filled = promisify(read);
/** What one call of the system reads at most. */
const MOST_BYTES = 0x7fffffff;

/**
 * The bytes of a file. Opening and reading may wait for a disk and are done by other threads; asking for the size of what is open
 * and closing it are not: to wake a thread costs more than all else that a small picture needs.
 * @param most - read no more than its first bytes
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it cannot be read or is of 2 GiB
 */
export async function readBytes(path: string, most = MOST_BYTES): Promise<Buffer> {
  try {
    const file = await opened(path, 'r');
    try {
      const size = Math.min(fstatSync(file).size, most);
      if (size === MOST_BYTES) throw dataInvalid(path, 'size', 'it has 2 GiB or more');
      const bytes = Buffer.allocUnsafe(size);
      for (let length = 0; length < size;) {
        const { bytesRead } = await filled(file, bytes, length, size - length, length);
        if (bytesRead === 0) return bytes.subarray(0, length);
        length += bytesRead;
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asDataError(error, path);
  }
}
