import { indexMasks, intersectionOfIndexed, type RleMask, type RunIndex } from '@maskloom/core';
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
    const [one, other] = [indexed[a]!, indexed[b]!];
    const iou = (both: number): number => (both === 0 ? 0 : both / (one.area + other.area - both));
    // Most pairs cannot overlap enough, whatever their pixels: then any value up to the limit will do.
    if (iou(Math.min(one.area, other.area, sharedArea(one.box, other.box))) <= limit) return 0;
    return iou(intersectionOfIndexed(one, other));
  });
}

/** Pixels that two tight boxes share. */
function sharedArea(a: RunIndex['box'], b: RunIndex['box']): number {
  const across = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, across) * Math.max(0, down);
}
