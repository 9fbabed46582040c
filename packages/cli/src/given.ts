/** The fields of an object that have a value: an option that was not given is absent, not `undefined`. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** Fields that may be absent, and are never `undefined`. */
type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };
