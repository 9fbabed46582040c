import { readFile } from 'node:fs/promises';
import { MaskloomError } from '@maskloom/core';
import { predictionsSchema, type Predictions } from './predictions.js';

/**
 * Reads a `predictions.json` of any version.
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID naming the file and the field
 */
export async function readPredictions(file: string): Promise<Predictions> {
  return parsePredictions(await readJson(file), file);
}

/** As {@link readPredictions}, of what has been read. */
export function parsePredictions(value: unknown, file: string): Predictions {
  const parsed = predictionsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MaskloomError(
    'DATA_INVALID',
    `The predictions cannot be read: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'wrong form'}.`,
    { where: file, hint: 'Give a predictions.json that `maskloom compare` wrote.' },
  );
}

/** @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new MaskloomError('DATA_NOT_FOUND', `The file cannot be read: ${(cause as Error).message}.`, {
      where: file,
      hint: 'Check the path.',
      cause,
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new MaskloomError('DATA_INVALID', `The file is not JSON: ${(cause as Error).message}.`, {
      where: file,
      cause,
    });
  }
}
