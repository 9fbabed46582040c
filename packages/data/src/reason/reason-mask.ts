import { checkMaskSize } from '@maskloom/core';
import { fillOutline } from './fill-outline.js';
import type { ReasonShape } from './reason.js';

/** The value of pixels that count for neither side. */
export const IGNORE = 255;

/**
 * Draws a ReasonSeg record as LISA does: shapes labelled `flag` are left out; the others are drawn from the largest
 * area to the smallest, later ones over earlier ones, 255 where the label contains `ignore`, else 1. Points are cut to
 * integers; a shape is its even-odd inside and its boundary.
 * @returns row-major [height, width], values 0, 1 and 255
 * @throws MaskloomError `MASK_INVALID` on a bad size
 */
export function drawReasonShapes(shapes: readonly ReasonShape[], width: number, height: number): Uint8Array {
  checkMaskSize(width, height);
  const drawn = shapes
    .filter(({ label }) => label.toLowerCase() !== 'flag')
    .map(({ label, points }) => {
      const pixels = fillOutline(points, width, height);
      return {
        value: label.toLowerCase().includes('ignore') ? IGNORE : 1,
        pixels,
        area: pixels.reduce((sum, bit) => sum + bit, 0),
      };
    })
    .sort((a, b) => b.area - a.area);
  const mask = new Uint8Array(width * height);
  for (const { value, pixels } of drawn) {
    for (let p = 0; p < mask.length; p++) if (pixels[p] === 1) mask[p] = value;
  }
  return mask;
}
