import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '@maskloom/core';
import { maskFiles, type ExportResults, type MaskFileOptions, type MaskForm } from '@maskloom/data';

/**
 * Writes masks into a folder that is still being filled.
 * @param staged - where it is now
 * @throws the file system's errors; MaskloomError VALUE_INVALID, ABORTED
 */
export async function writeMasks(
  staged: string,
  results: readonly ExportResults[],
  forms: readonly MaskForm[],
  options: MaskFileOptions,
  signal?: AbortSignal,
): Promise<void> {
  for (const form of forms) {
    for await (const { path, content } of maskFiles(results, form, options)) {
      throwIfAborted(signal, 'writing masks');
      const file = join(staged, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }
}
