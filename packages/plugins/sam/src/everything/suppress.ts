import { indexMasks, intersectionOfIndexed, type RleMask } from '@maskloom/core';
import { cornersIou, cornersOf, greedyNms } from './box-nms.js';

/** What can be a duplicate of another. */
export interface Overlapping {
  /** At one image's size. */
  readonly mask: RleMask;
  /** [x, y, width, height], tight. */
  readonly bbox: readonly [number, number, number, number];
}

/**
 * Those that are no duplicate of a better one.
 * @param scores - one each
 * @param limit - overlap above which the lower one goes
 * @param on - overlap of boxes (corners and single precision as torchvision's `nms`), or of masks
 * @returns places, best first
 */
export function survivors(
  items: readonly Overlapping[],
  scores: readonly number[],
  limit: number,
  on: 'boxes' | 'masks',
): readonly number[] {
  if (on === 'boxes') {
    const boxes = items.map(({ bbox }) => cornersOf(bbox));
    return greedyNms(scores, limit, (a, b) => cornersIou(boxes[a]!, boxes[b]!));
  }
  const indexed = indexMasks(items.map(({ mask }) => mask));
  return greedyNms(scores, limit, (a, b) => {
    const both = intersectionOfIndexed(indexed[a]!, indexed[b]!);
    return both === 0 ? 0 : both / (indexed[a]!.area + indexed[b]!.area - both);
  });
}
