/**
 * A preset with overrides: plain objects merge key by key, anything else is replaced whole.
 * The result is frozen and shares nothing that can change.
 */
export function mergePreset(base: unknown, override: unknown): unknown {
  if (override === undefined) return freeze(structuredClone(base));
  if (!isPlain(base) || !isPlain(override)) return freeze(structuredClone(override));
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(base), ...Object.keys(override)])) {
    merged[key] = mergePreset(own(base, key), own(override, key));
  }
  return Object.freeze(merged);
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
