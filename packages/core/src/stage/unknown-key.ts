import type { z } from 'zod';

/** A key that no schema at its place has, and those that there are. */
export interface UnknownKey {
  /** From the outermost object to the key. */
  readonly path: readonly string[];
  readonly known: readonly string[];
}

/**
 * Finds the first key of a value that its schema does not have, at any depth. A plain `z.object` drops such keys
 * silently, which would hide every mistyped option.
 * @param schemas - alternatives for this place; looked through optional, default, union, array and pipe
 */
export function findUnknownKey(
  schemas: readonly z.core.$ZodType[],
  value: unknown,
  path: readonly string[] = [],
): UnknownKey | undefined {
  const plain = schemas.flatMap(alternatives);
  if (Array.isArray(value)) {
    const elements = plain.flatMap((schema) =>
      schema._zod.def.type === 'array' ? [(schema as z.core.$ZodArray)._zod.def.element] : [],
    );
    return first(value.map((item, i) => () => findUnknownKey(elements, item, [...path, String(i)])));
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const objects = plain.filter((schema): schema is z.core.$ZodObject => schema._zod.def.type === 'object');
  // Without a schema of named keys, or with one that takes any key, there is nothing to mistype.
  if (
    objects.length === 0 ||
    plain.some((schema) => schema._zod.def.type === 'record') ||
    objects.some(takesAny)
  )
    return undefined;
  const shapes = objects.map((schema) => schema._zod.def.shape);
  return first(
    Object.entries(value).map(([key, item]) => () => {
      const inner = shapes.flatMap((shape) =>
        Object.hasOwn(shape, key) && shape[key] !== undefined ? [shape[key]] : [],
      );
      if (inner.length === 0)
        return { path: [...path, key], known: [...new Set(shapes.flatMap((shape) => Object.keys(shape)))] };
      return findUnknownKey(inner, item, [...path, key]);
    }),
  );
}

function takesAny(schema: z.core.$ZodObject): boolean {
  const { catchall } = schema._zod.def;
  return catchall !== undefined && catchall._zod.def.type !== 'never';
}

function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = schema._zod.def as {
    readonly innerType?: z.core.$ZodType;
    readonly options?: readonly z.core.$ZodType[];
    readonly in?: z.core.$ZodType;
  };
  if (def.innerType !== undefined) return alternatives(def.innerType);
  if (def.options !== undefined) return def.options.flatMap(alternatives);
  if (def.in !== undefined) return alternatives(def.in);
  return [schema];
}

function first<T>(tries: readonly (() => T | undefined)[]): T | undefined {
  for (const attempt of tries) {
    const found = attempt();
    if (found !== undefined) return found;
  }
  return undefined;
}
