// Timing for a machine that does other things as well: what is compared runs in turns, and medians are compared.

/** Milliseconds of one call. */
export async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Times several pieces of work, in turns.
 * @param works - name to work
 * @param rounds - turns that count; one more warms up
 * @returns name to median milliseconds
 */
export async function inTurns(works, rounds) {
  const names = Object.keys(works);
  const times = new Map(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    // Every other round backwards, so that none always follows the same one.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const spent = await time(works[name]);
      if (round >= 0) times.get(name).push(spent);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name))]));
}

/** `12.3 ms`. */
export const ms = (value) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

/** `1.23 x`. */
export const ratio = (value) => `${value.toFixed(2)} x`;

/** `+1.2 %`. */
export const percent = (value) => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(1)} %`;
