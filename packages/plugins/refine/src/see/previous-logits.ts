import type { DenseMask, ImageTransform } from '@maskloom/core';

/** A previous mask reaches the mask decoder's prompt encoder as +6 inside and -6 outside (SAM's own logits reach there). */
export const MASK_LOGIT = 6;

/**
 * A mask as SAM's mask prompt: each cell takes the pixel under its centre; padding is outside.
 * @param transform - of SAM's encoder for this image
 * @param side - of the mask prompt, e.g. 256
 * @returns [side, side], row-major
 */
export function previousLogits(
  mask: DenseMask,
  { resized, input }: ImageTransform<'SamPx'>,
  side: number,
): Float32Array {
  const logits = new Float32Array(side * side).fill(-MASK_LOGIT);
  const pixelOf = (cell: number, frame: number, length: number, scaled: number): number =>
    Math.floor(((((cell + 0.5) * frame) / side) * length) / scaled);
  for (let row = 0; row < side; row++) {
    const y = pixelOf(row, input.height, mask.height, resized.height);
    if (y >= mask.height) break;
    for (let column = 0; column < side; column++) {
      const x = pixelOf(column, input.width, mask.width, resized.width);
      if (x >= mask.width) break;
      if (mask.pixels[y * mask.width + x] === 1) logits[row * side + column] = MASK_LOGIT;
    }
  }
  return logits;
}
