import type { DenseMask } from '@maskloom/core';

/**
 * Lays a mask over an image as a translucent layer: `(rgb * (256 - alpha) + colour * alpha + 128) >> 8`, in whole
 * numbers, so that the training side paints the same bytes.
 * @param rgb - row-major HWC, changed in place
 * @param mask - of the same width and height
 * @param alpha - weight of the colour out of 256
 */
export function paintMask(
  rgb: Uint8Array,
  mask: DenseMask,
  colour: readonly [number, number, number],
  alpha: number,
): void {
  mask.pixels.forEach((set, pixel) => {
    if (set === 0) return;
    for (let c = 0; c < 3; c++) {
      const at = 3 * pixel + c;
      rgb[at] = ((rgb[at] ?? 0) * (256 - alpha) + (colour[c] ?? 0) * alpha + 128) >> 8;
    }
  });
}
