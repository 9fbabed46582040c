import { MaskloomError, suggest } from '@maskloom/masks';
import type { z } from 'zod';
import { findUnknownKey } from './unknown-key.js';

/**
 * Parses options by their schema and freezes the result.
 * @param schema - usually a `z.object`; a key it does not have is refused, never ignored
 * @param value - what was given; nothing counts as `{}`
 * @param where - who reads the options, e.g. `read/similarity-as-points`
 * @param secret - fields whose value is never shown: addresses that may hold a password
 * @throws MaskloomError OPTION_INVALID naming the field, and the nearest key for an unknown one
 */
export function parseOptions<O extends z.ZodType>(
  schema: O,
  value: unknown,
  where: string,
  secret: readonly string[] = [],
): z.output<O> {
  const given = value ?? {};
  refuseUnknownKeys(schema, given, where);
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data) as z.output<O>;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'options' : issue.path.map(String).join('.');
  throw new MaskloomError(
    'OPTION_INVALID',
    `Option '${field}' of ${where} is not valid: ${issue?.message ?? 'unknown reason'}.`,
    {
      where: `${where}.${field}`,
      ...(secret.includes(String(issue?.path[0]))
        ? {}
        : { hint: `Given: ${shown(valueAt(given, issue?.path ?? []))}.` }),
      cause: parsed.error,
    },
  );
}

function refuseUnknownKeys(schema: z.ZodType, value: unknown, where: string): void {
  const unknown = findUnknownKey([schema], value);
  if (unknown === undefined) return;
  const { path, known } = unknown;
  throw new MaskloomError('OPTION_INVALID', `${where} has no option '${path.join('.')}'.`, {
    where: `${where}.${path.join('.')}`,
    hint: suggest(path.at(-1) ?? '', known),
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  } catch {
    return String(value);
  }
}
