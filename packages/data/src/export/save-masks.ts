import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MaskloomError, placeFile } from '@maskloom/core';
import type { MaskForm } from './forms.js';
import { maskFiles, type MaskFileOptions } from './mask-files.js';
import type { ExportResults } from './results.js';

/**
 * Writes results into a folder in one or more forms, see {@link maskFiles}. Every file is written beside its place and renamed;
 * earlier files of the same names are replaced, all others stay.
 *
 * ```ts
 * await saveMasks('out', [{ name: 'mine', images: [{ path: 'a.jpg', width, height, segments }] }], ['geojson', 'coco']);
 * ```
 * @returns the files' paths, with the folder
 * @throws MaskloomError `MASK_INVALID`, `VALUE_INVALID`, `OUTPUT_UNWRITABLE`
 */
export async function saveMasks(
  folder: string,
  results: readonly ExportResults[],
  forms: readonly MaskForm[],
  options: Omit<MaskFileOptions, 'folder'> = {},
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const form of forms) {
    for await (const { path, content } of maskFiles(results, form, { ...options, folder })) {
      const file = join(folder, path);
      try {
        mkdirSync(dirname(file), { recursive: true });
        placeFile(file, content);
      } catch (cause) {
        throw new MaskloomError(
          'OUTPUT_UNWRITABLE',
          `The masks cannot be written: ${(cause as Error).message}.`,
          {
            where: file,
            hint: 'Give another folder, or make room there.',
            cause,
          },
        );
      }
      written.push(file);
    }
  }
  return written;
}
