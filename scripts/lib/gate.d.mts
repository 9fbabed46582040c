/** By how much a cost may be above the one on record, as a fraction. */
export const LIMIT: number;

/** The largest distance from the median, as a fraction of it, of a row that is judged. */
export const NOISE: number;

/** A row of a benchmark: our processor time over the peer's, undefined where the peer is not there. */
export interface Measured {
  readonly key?: string;
  readonly cost?: number;
}

/** A row on record. */
export interface Recorded {
  readonly benchmark: string;
  readonly key: string;
  readonly cost: number;
  readonly spread: number;
}

/** Judges the rows on record by what each benchmark printed. */
export function judge(
  record: readonly Recorded[],
  found: Readonly<Record<string, readonly Measured[]>>,
): readonly (Recorded & {
  readonly now?: number;
  readonly state: 'fine' | 'dearer' | 'skipped' | 'gone';
})[];

/** The lower cost of each row of two measurements. */
export function lower(before: readonly Measured[], again: readonly Measured[]): readonly Measured[];

/** Median and noise of each row over runs. */
export function record(runs: readonly Readonly<Record<string, readonly Measured[]>>[]): {
  readonly rows: readonly Recorded[];
  readonly noisy: readonly Recorded[];
};
