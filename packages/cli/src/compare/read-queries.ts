import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { z } from 'zod';

/** Texts per image: keys are paths or file names. */
export type Queries = Readonly<Record<string, string>>;

const queriesSchema = z.record(z.string(), z.string().trim().min(1));

/**
 * Reads a JSON file of the form `{"photo.jpg": "the red mug", "dir/other.png": "..."}`.
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID naming the file and the entry
 */
export async function readQueries(file: string): Promise<Queries> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new MaskloomError('DATA_NOT_FOUND', 'The file of queries cannot be read.', {
      where: file,
      hint: 'Check the path given to --queries.',
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const parsed = queriesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(
    file,
    `${issue?.path.length ? `entry '${issue.path.join('.')}': ` : ''}${issue?.message ?? 'wrong shape'}`,
  );
}

function invalid(file: string, why: string): MaskloomError {
  return new MaskloomError('DATA_INVALID', `The file of queries is not usable: ${why}.`, {
    where: file,
    hint: 'Write an object from image paths or file names to texts: {"photo.jpg": "the red mug"}.',
  });
}

/**
 * The text for an image: by its path as given, by its full path, or by its file name.
 * @param path - the image
 */
export function queryFor(queries: Queries, path: string): string | undefined {
  for (const key of [path, resolve(path), basename(path)]) {
    if (Object.hasOwn(queries, key)) return queries[key];
  }
  const full = Object.keys(queries).find((key) => resolve(key) === resolve(path));
  return full === undefined ? undefined : queries[full];
}
