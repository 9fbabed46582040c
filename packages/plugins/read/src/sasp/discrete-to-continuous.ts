import type { Size } from '@maskloom/core';

/** How a discrete point becomes a continuous one. */
export interface Interpolation {
  /** `l2`: the norm, as the paper prints it (READ eq. 7); `squared`: the squared norm, as the released code runs it. */
  readonly distance: 'l2' | 'squared';
  /**
   * Half side of the window of pixels that are summed, in pixels. 6 loses less than 1e-9 of the weight with
   * `squared`, and about 2 % with `l2`, whose tail is longer.
   */
  readonly radius: number;
}

/**
 * Discrete-to-continuous interpolation (READ eq. 6-9, Algorithm 1 lines 8-11): the mean of the pixels around a
 * point, weighted by exp(-distance) times the softmax of the map. The softmax's denominator is common to all
 * pixels and cancels, so only a window is read.
 * @param point - x, y in ImagePx
 * @param map - map value in [0, 1] at an integer pixel
 * @returns x, y in ImagePx, inside the image
 */
export function toContinuous(
  point: readonly [x: number, y: number],
  map: (x: number, y: number) => number,
  image: Size,
  { distance, radius }: Interpolation,
): readonly [x: number, y: number] {
  const [px, py] = point;
  const centreX = Math.floor(px + 0.5);
  const centreY = Math.floor(py + 0.5);
  let total = 0;
  let sumX = 0;
  let sumY = 0;
  for (let y = Math.max(0, centreY - radius); y <= Math.min(image.height - 1, centreY + radius); y++) {
    for (let x = Math.max(0, centreX - radius); x <= Math.min(image.width - 1, centreX + radius); x++) {
      const squared = (x - px) ** 2 + (y - py) ** 2;
      const weight = Math.exp(map(x, y) - (distance === 'l2' ? Math.sqrt(squared) : squared));
      total += weight;
      sumX += x * weight;
      sumY += y * weight;
    }
  }
  return [sumX / total, sumY / total];
}
