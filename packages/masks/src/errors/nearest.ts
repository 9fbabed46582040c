/**
 * The candidate closest to a mistyped name by edit distance, or `undefined` when none is close
 * (more than half of the name would have to change).
 * @param name - what was asked for
 * @param candidates - the valid names
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * One sentence naming the valid choices and, when one is close, the likely one.
 * @param name - what was asked for
 * @param candidates - the valid names
 */
export function suggest(name: string, candidates: Iterable<string>): string {
  const all = [...candidates];
  const close = nearest(name, all);
  const list = `Valid: ${all.length === 0 ? '(none)' : all.join(', ')}.`;
  return close === undefined ? list : `Did you mean '${close}'? ${list}`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
