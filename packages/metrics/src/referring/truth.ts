import { complementOfRuns, mergeRuns, runsOfRle, type MaskRuns, type RleMask } from '@maskloom/core';

/**
 * The pixels that the references' loaders leave of a truth given as several masks, which they add up as numbers instead
 * of joining them: those covered exactly once. Pixels covered twice have the value 2, which is neither object nor
 * "ignore": never part of an intersection, while a prediction there still counts to the union. (Sums of 255 and more,
 * which wrap around or become "ignore" there, are not imitated.)
 * @throws MaskloomError `MASK_INVALID` when a mask is malformed, sizes differ or there is none
 */
export function coveredOnce(masks: readonly MaskRuns[]): MaskRuns {
  let once = mergeRuns(masks.slice(0, 1), 'union');
  let twice: MaskRuns | undefined;
  for (const mask of masks.slice(1)) {
    const both = mergeRuns([once, mask], 'intersection');
    twice = twice === undefined ? both : mergeRuns([twice, both], 'union');
    once = mergeRuns([once, mask], 'union');
  }
  return twice === undefined ? once : mergeRuns([once, complementOfRuns(twice)], 'intersection');
}

/**
 * The truth of one query: its mask, or its parts (one per polygon) joined, or added up as the references do.
 * @param summed - see {@link coveredOnce}
 * @throws MaskloomError `MASK_INVALID` when a mask is malformed or sizes differ
 */
export function truthRuns(
  truth: RleMask | readonly RleMask[] | undefined,
  summed: boolean,
): MaskRuns | undefined {
  if (truth === undefined) return undefined;
  const masks = 'counts' in truth ? [truth] : truth;
  if (masks.length === 0) return undefined;
  const runs = masks.map((mask, i) => runsOfRle(mask, `truth ${i}`));
  return summed ? coveredOnce(runs) : mergeRuns(runs, 'union');
}
