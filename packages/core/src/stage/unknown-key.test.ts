import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findUnknownKey } from './unknown-key.js';

const schema = z
  .object({
    count: z.number().default(3),
    interpolate: z
      .union([
        z.literal(false),
        z.object({ distance: z.enum(['l2', 'squared']), radius: z.number().optional() }),
      ])
      .default(false),
    steps: z.array(z.object({ name: z.string() })).optional(),
    free: z.record(z.string(), z.number()).optional(),
    loose: z.looseObject({ a: z.number() }).optional(),
    strict: z.strictObject({ a: z.number() }).optional(),
    mixed: z.union([z.object({ a: z.number() }), z.object({ b: z.number() })]).optional(),
  })
  .refine(() => true);

describe('findUnknownKey', () => {
  it.each([
    [{ cuont: 1 }, 'cuont', 'count'],
    [{ interpolate: { distance: 'l2', raduis: 6 } }, 'interpolate.raduis', 'radius'],
    [{ steps: [{ name: 'a' }, { nmae: 'b' }] }, 'steps.1.nmae', 'name'],
    [{ strict: { b: 1 } }, 'strict.b', 'a'],
    [{ mixed: { c: 1 } }, 'mixed.c', 'b'],
  ])('finds the key in %j', (value, path, known) => {
    const found = findUnknownKey([schema], value);
    expect(found?.path.join('.')).toBe(path);
    expect(found?.known).toContain(known);
  });

  it.each([
    {},
    { count: 1, interpolate: false },
    { interpolate: { distance: 'l2', radius: 6 } },
    { free: { anything: 1 }, loose: { more: 2 }, mixed: { a: 1 } },
    { count: { not: 'a number' } },
    7,
    null,
  ])('finds none in %j', (value) => {
    expect(findUnknownKey([schema], value)).toBeUndefined();
  });

  it('does not take inherited names for keys of the schema', () => {
    expect(findUnknownKey([schema], { toString: 1 })?.path).toEqual(['toString']);
  });
});
