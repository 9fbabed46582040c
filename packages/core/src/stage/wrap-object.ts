type Callable = (...args: unknown[]) => unknown;

/**
 * A stand-in for an object on which chosen methods go through `intercept`. Everything else is the object's own:
 * methods keep their `this` (private fields work), getters and plain members are read from it each time.
 * @param target - may be frozen
 * @param chosen - names of intercepted methods; all when absent
 * @param intercept - gets the method's name, its arguments, and how to call it
 */
export function wrapObject<T extends object>(
  target: T,
  chosen: readonly string[] | undefined,
  intercept: (method: string, args: unknown[], call: (args: unknown[]) => unknown) => unknown,
): T {
  const wrapped = new Map<PropertyKey, { readonly original: Callable; readonly stand: Callable }>();
  const standIn = (key: PropertyKey, original: Callable): Callable => {
    const known = wrapped.get(key);
    if (known?.original === original) return known.stand;
    const call = (args: unknown[]): unknown => Reflect.apply(original, target, args);
    const stand: Callable =
      typeof key === 'string' && (chosen === undefined || chosen.includes(key))
        ? (...args) => intercept(key, args, call)
        : (...args) => call(args);
    wrapped.set(key, { original, stand });
    return stand;
  };
  // The proxy stands on an empty object of the same kind: a proxy on a frozen target may not answer differently.
  return new Proxy<T>(Object.create(Reflect.getPrototypeOf(target)) as T, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || key === 'constructor') return value;
      return standIn(key, value as Callable);
    },
    has: (_, key) => Reflect.has(target, key),
    set: (_, key, value: unknown) => Reflect.set(target, key, value, target),
  });
}
