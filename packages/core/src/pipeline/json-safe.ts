/**
 * A copy of a value that JSON keeps: functions become their name in brackets, maps and sets become lists,
 * typed arrays become their kind and length, cycles and non-finite numbers become text.
 */
export function jsonSafe(value: unknown, seen: readonly object[] = []): unknown {
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return 0;
  if (typeof value !== 'object' || value === null) return value;
  if (seen.includes(value)) return '[cycle]';
  const inner = [...seen, value];
  if (ArrayBuffer.isView(value)) return `[${value.constructor.name} of ${value.byteLength} bytes]`;
  if (value instanceof Date || value instanceof URL) return value.toJSON();
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => jsonSafe(item, inner) ?? null);
  if (value instanceof Map || value instanceof Set)
    return [...value].map((item: unknown) => jsonSafe(item, inner) ?? null);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, jsonSafe(item, inner)]),
  );
}
