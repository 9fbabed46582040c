/** A box of a mask as torchvision's and segment-anything's code has it: the last column and row are right and bottom. */
export type Corners = readonly [left: number, top: number, right: number, bottom: number];

/** Corners of a tight box; zeros for an empty one. */
export function cornersOf([x, y, width, height]: readonly [number, number, number, number]): Corners {
  return width === 0 ? [0, 0, 0, 0] : [x, y, x + width - 1, y + height - 1];
}

/** IoU of two boxes as torchvision's `nms` works it out, in single precision; not a number when both are empty. */
export function cornersIou(a: Corners, b: Corners): number {
  const across = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const down = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const both = across * down;
  return Math.fround(both / (areaOf(a) + areaOf(b) - both));
}

function areaOf([left, top, right, bottom]: Corners): number {
  return (right - left) * (bottom - top);
}

/**
 * Greedy non-maximum suppression: by falling score, one stays unless its overlap with one that stays is above the limit.
 * Equal scores go by place.
 * @param overlap - of the two at these places, 0..1
 * @returns places of those that stay, best first
 */
export function greedyNms(
  scores: readonly number[],
  limit: number,
  overlap: (a: number, b: number) => number,
): readonly number[] {
  const order = scores.map((_, n) => n).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const kept: number[] = [];
  for (const n of order) if (!kept.some((other) => overlap(other, n) > limit)) kept.push(n);
  return kept;
}
