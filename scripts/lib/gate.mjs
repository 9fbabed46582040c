// The gate's arithmetic: what a benchmark's rows cost now against what is on record.
// A cost is processor time of ours over the peer's in the same run, so below 1 is faster and a slower machine slows both.

import { median } from '../../bench/lib/measure.mjs';

/** By how much a cost may be above the one on record. */
export const LIMIT = 0.25;

/** The largest distance from the median that a row may have shown over the runs that were recorded. */
export const NOISE = 0.08;

/**
 * Judges the rows on record.
 * @param record - rows with `benchmark`, `key` and `cost`
 * @param found - what each benchmark printed: rows with `key` and `cost`
 * @returns the rows with `now` and `state`: `fine`, `dearer`, `skipped` (the peer is not there) or `gone` (its benchmark no longer has it)
 */
export function judge(record, found) {
  return record.map((row) => {
    const rows = found[row.benchmark] ?? [];
    const now = rows.find(({ key }) => key === row.key)?.cost;
    return { ...row, now, state: stateOf(row, rows, now) };
  });
}

function stateOf({ key, cost }, rows, now) {
  if (now !== undefined) return now > cost * (1 + LIMIT) ? 'dearer' : 'fine';
  return rows.length === 0 || rows.some((row) => row.key === key) ? 'skipped' : 'gone';
}

/** A second measurement beside the first: the lower cost of each row, since other work can only add to it. */
export function lower(before, again) {
  return again.map((row) => {
    const cost = before.find(({ key }) => key === row.key)?.cost;
    return cost === undefined || cost > row.cost ? row : { ...row, cost };
  });
}

/**
 * What goes on record of several runs.
 * @param runs - of each run, what each benchmark printed
 * @returns `rows` steady enough to be judged, and `noisy` ones, each with its median cost and its largest distance from it
 */
export function record(runs) {
  const all = Object.entries(runs[0]).flatMap(([benchmark, first]) =>
    first
      .filter(({ cost }) => cost !== undefined)
      .map(({ key }) => {
        const costs = runs.map((run) => run[benchmark].find((row) => row.key === key).cost);
        const cost = median(costs);
        const spread = Math.max(...costs.map((one) => Math.abs(one - cost))) / cost;
        return { benchmark, key, cost: round(cost), spread: round(spread) };
      }),
  );
  return {
    rows: all.filter(({ spread }) => spread <= NOISE),
    noisy: all.filter(({ spread }) => spread > NOISE),
  };
}

/** Four digits that count. */
const round = (value) => Number(value.toPrecision(4));
