import { maskIou } from '@maskloom/masks';
import type { Segment } from '../domain/prediction.js';

/** A mask that overlaps a known one by more than this IoU is of the same thing. */
export const SAME_THING = 0.7;

/** Whether a segment is of something that is already there (mask IoU above {@link SAME_THING}), or of nothing. */
export function isKnown({ mask, area }: Pick<Segment, 'mask' | 'area'>, known: readonly Segment[]): boolean {
  return area === 0 || known.some((segment) => maskIou(mask, segment.mask) > SAME_THING);
}

/**
 * What a refiner added for something missed, without what was there before.
 * @param before - the segments that were there; the refiner adds behind them
 */
export function onlyNew(refined: readonly Segment[], before: readonly Segment[]): readonly Segment[] {
  const [kept, added] = [refined.slice(0, before.length), refined.slice(before.length)];
  return [...kept, ...added.filter((segment) => !isKnown(segment, before))];
}
