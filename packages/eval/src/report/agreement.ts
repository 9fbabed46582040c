import { runsOfRle, type RleMask, type Segment } from '@maskloom/core';

/** Pixels shared by, and pixels in either of, a prediction and the truth. */
export interface Overlap {
  /** Pixels in both. */
  readonly intersection: number;
  /** Pixels in at least one. */
  readonly union: number;
}

/**
 * Compares the union of some segments with the union of the true ones.
 * @param size - height and width of the image
 * @throws MaskloomError MASK_INVALID when a mask's size differs from the image's
 */
export function overlap(
  found: readonly Segment[],
  truth: readonly Segment[],
  size: readonly [number, number],
): Overlap {
  const pixels = new Uint8Array(size[0] * size[1]);
  for (const segment of found) mark(pixels, segment.mask, 1);
  for (const segment of truth) mark(pixels, segment.mask, 2);
  let intersection = 0;
  let union = 0;
  for (const bits of pixels) {
    if (bits === 3) intersection++;
    if (bits !== 0) union++;
  }
  return { intersection, union };
}

function mark(pixels: Uint8Array, mask: RleMask, bit: number): void {
  const { counts } = runsOfRle(mask, 'report');
  let position = 0;
  for (const [index, run] of counts.entries()) {
    const end = Math.min(pixels.length, position + run);
    if ((index & 1) === 1) for (let p = position; p < end; p++) pixels[p] = (pixels[p] ?? 0) | bit;
    position = end;
  }
}
