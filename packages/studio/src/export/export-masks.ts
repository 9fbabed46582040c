import { maskFiles, MASK_FORMS, type ExportResults, type MaskForm } from '@maskloom/data';
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { maskSchema } from '../ask/request-schema.js';

/** The body of an export. */
export const exportSchema = z.strictObject({
  picture: z.string().max(100).describe('id of the picture that the masks are of'),
  form: z.enum(Object.keys(MASK_FORMS) as [MaskForm, ...MaskForm[]]).describe('as of `--save`'),
  results: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200).describe('whose masks they are'),
        segments: z
          .array(z.looseObject({ label: z.string().max(4000), score: z.number(), mask: maskSchema }))
          .max(10_000),
      }),
    )
    .min(1)
    .max(64),
});

/** A file to be saved. */
export interface Download {
  /** Its name, safe on every file system. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * Masks in one of the forms of `--save`: the file itself where it is one, else a ZIP archive of the folder that the command line
 * would write.
 * @param path - the picture's name as the files name it
 * @throws MaskloomError MASK_INVALID, VALUE_INVALID
 */
export async function exportMasks(
  { form, results }: z.infer<typeof exportSchema>,
  path: string,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Download> {
  const all: readonly ExportResults[] = results.map(({ name, segments }) => ({
    name,
    images: [{ path, width, height, segments }],
  }));
  const files: Record<string, Uint8Array> = {};
  for await (const file of maskFiles(all, form, { folder: '.' }))
    files[file.path] = typeof file.content === 'string' ? strToU8(file.content) : file.content;
  const [only, ...others] = Object.entries(files);
  if (only !== undefined && others.length === 0) {
    const name = only[0].slice(only[0].lastIndexOf('/') + 1);
    return { name, type: 'application/octet-stream', bytes: only[1] };
  }
  return { name: `${form}.zip`, type: 'application/zip', bytes: zipSync(files) };
}
