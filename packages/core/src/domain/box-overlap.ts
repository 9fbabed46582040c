import type { Box } from './frames.js';

/**
 * Intersection over union of a segment's box and a given one; 0 when either is empty.
 * @param bbox - [x, y, width, height] in ImagePx
 */
export function overlapOfBoxes(
  [x, y, width, height]: readonly [number, number, number, number],
  box: Box<'ImagePx'>,
): number {
  const across = Math.min(x + width, box.x + box.width) - Math.max(x, box.x);
  const down = Math.min(y + height, box.y + box.height) - Math.max(y, box.y);
  if (across <= 0 || down <= 0) return 0;
  const both = across * down;
  return both / (width * height + box.width * box.height - both);
}
