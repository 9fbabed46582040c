import { atOnce, inSlices } from '@maskloom/core';
import type { Size } from '@maskloom/core';
import type { PillowFilter } from './pillow-coefficients.js';
import { resizeRows } from './resize-rows.js';
import { checkSizes, type RgbPixels } from './rgb-pixels.js';

/**
 * Resizes 8-bit RGB pixels exactly as Pillow's `Image.resize` does (13.0; its difference is 0): antialiased, in
 * two passes, each rounded to 8 bits in fixed point.
 * @param pixels - sRGB, 8 bits, HWC
 * @param size - wanted size in pixels, both at least 1
 * @param filter - `bilinear` or `bicubic` (a = -0.5)
 * @throws MaskloomError VALUE_INVALID when a size is not a whole number above 0
 */
export function resizeLikePillow(pixels: RgbPixels, size: Size, filter: PillowFilter): RgbPixels {
  return atOnce(resizeSteps(pixels, size, filter));
}

/** As {@link resizeLikePillow}, in slices: the event loop turns between them, so large images block nothing. */
export function resizeInSlices(pixels: RgbPixels, size: Size, filter: PillowFilter): Promise<RgbPixels> {
  return inSlices(resizeSteps(pixels, size, filter));
}

function* resizeSteps(pixels: RgbPixels, size: Size, filter: PillowFilter): Generator<void, RgbPixels> {
  checkSizes(pixels, size);
  const { width, height } = size;
  const rgb = new Uint8Array(width * height * 3);
  const whole = { x: 0, y: 0, width, height };
  yield* resizeRows(pixels, size, whole, filter, (bytes, at, stride, y, count) => {
    for (let row = y; row < y + count; row++, at += stride)
      rgb.set(bytes.subarray(at, at + width * 3), row * width * 3);
  });
  return { width, height, rgb };
}
