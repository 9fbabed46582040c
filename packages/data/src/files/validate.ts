import { MaskloomError } from '@maskloom/core';
import type { z } from 'zod';

/**
 * Checks a value from a file against a schema.
 * @param field - the place of the value in its file, e.g. `annotations[3]`
 * @throws MaskloomError `DATA_INVALID` naming the file and the first wrong field
 */
export function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  file: string,
  field: string,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  throw dataInvalid(file, `${field}${path}`, issue?.message ?? 'wrong form');
}

/** The error for a wrong field of a file. */
export function dataInvalid(file: string, field: string, why: string): MaskloomError {
  return new MaskloomError('DATA_INVALID', `A field of the file is wrong: ${why}.`, {
    where: `${file}: ${field}`,
  });
}
