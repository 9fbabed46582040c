/**
 * Does work on one thing after the other; the next is begun while the one before is under way, so that values are made ready
 * while a model works.
 * @returns the results, in order
 */
export async function overlapped<T, R>(
  things: readonly T[],
  work: (thing: T, at: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let before: Promise<R> | undefined;
  for (const [at, thing] of things.entries()) {
    const next = work(thing, at);
    // Its failure is told when its turn comes.
    next.catch(() => undefined);
    if (before !== undefined) results.push(await before);
    before = next;
  }
  if (before !== undefined) results.push(await before);
  return results;
}
