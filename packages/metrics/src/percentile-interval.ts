/**
 * The middle `level` of values: their quantiles at (1 - level) / 2 and 1 - (1 - level) / 2, linearly interpolated between
 * order statistics (type 7 of Hyndman and Fan 1996, NumPy's default). Selects what it needs instead of sorting.
 * @param values - at least one, no NaN; they are put into another order
 * @param level - 0 < level < 1
 * @returns [low, high]
 */
export function percentileInterval(values: Float64Array, level: number): readonly [number, number] {
  const tail = (1 - level) / 2;
  const low = quantile(values, tail, 0);
  // Nothing before the lower quantile's place is larger than it: the upper one lies behind.
  return [low, quantile(values, 1 - tail, Math.floor(tail * (values.length - 1)))];
}

/** @param from - the order statistics from this one on are known to lie from this place on */
function quantile(values: Float64Array, q: number, from: number): number {
  const at = q * (values.length - 1);
  const place = Math.floor(at);
  select(values, place, from);
  const below = values[place]!;
  let above = place + 1 < values.length ? Infinity : below;
  for (let i = place + 1; i < values.length; i++) if (values[i]! < above) above = values[i]!;
  return below + (above - below) * (at - place);
}

/**
 * Hoare's selection (1961): puts the value that sorting would put there at `place`, none larger before it and none smaller
 * behind it, from place `from` on.
 */
function select(values: Float64Array, place: number, from: number): void {
  let to = values.length - 1;
  while (from < to) {
    const pivot = values[place]!;
    let [i, j] = [from, to];
    do {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const value = values[i]!;
        values[i++] = values[j]!;
        values[j--] = value;
      }
    } while (i <= j);
    if (j < place) from = i;
    if (i > place) to = j;
  }
}
