import { unwritable } from './staged-folder.js';

/**
 * Runs work that fills the output folder.
 * @param out - the folder, for messages
 * @throws MaskloomError OUTPUT_UNWRITABLE when the file system refuses (disk full, read-only, no permission); anything
 * else passes through
 */
export async function writing<T>(out: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw unwritable(out, error.message, error);
    throw error;
  }
}
