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

/** Milliseconds of one call on the clock, and of all of this process's threads on the processor. */
export async function cost(work) {
  const before = process.cpuUsage();
  const wall = await time(work);
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

/**
 * Measures several pieces of work, in turns.
 * @param works - name to work
 * @param rounds - turns that count
 * @param warmUp - turns before them: what runs once is mostly compiled while it runs
 * @param lead - times that each work runs in its turn before it is measured: else it clears away the garbage of the one before
 * @returns name to median milliseconds, on the clock and on the processor, and the `least` on the processor
 */
export async function costInTurns(works, rounds, warmUp = 1, lead = 0) {
  const names = Object.keys(works);
  const costs = new Map(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    // Every other round backwards, so that none always follows the same one.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      for (let n = 0; n < lead; n++) await works[name]();
      const spent = await cost(works[name]);
      if (round >= 0) costs.get(name).push(spent);
    }
  }
  const middle = (name, kind) => median(costs.get(name).map((spent) => spent[kind]));
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        wall: middle(name, 'wall'),
        cpu: middle(name, 'cpu'),
        least: Math.min(...costs.get(name).map(({ cpu }) => cpu)),
      },
    ]),
  );
}

/** As {@link costInTurns}, wall time alone: name to median milliseconds. */
export async function inTurns(works, rounds) {
  const costs = await costInTurns(works, rounds);
  return Object.fromEntries(Object.entries(costs).map(([name, { wall }]) => [name, wall]));
}

/** `12.3 ms`. */
export const ms = (value) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

/** `1.23 x`. */
export const ratio = (value) => `${value.toFixed(2)} x`;

/** `+1.2 %`. */
export const percent = (value) => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(1)} %`;
