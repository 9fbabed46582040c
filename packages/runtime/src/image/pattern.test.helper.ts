import type { RgbPixels } from './resample/rgb-pixels.js';

/** The pixels that the golden values were made from: ramps, hard edges and noise in integer arithmetic. */
export function patternPixels(width: number, height: number): RgbPixels {
  const rgb = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) rgb[at++] = sample(x, y, c, width);
    }
  }
  return { width, height, rgb };
}

function sample(x: number, y: number, c: number, width: number): number {
  const third = (x + 2 * y) % 3;
  if (third === 0) return (x * 7919 + y * 104729 + c * 1299709 + x * y * 31) % 251;
  if (third === 1) return (Math.floor((x * 255) / Math.max(1, width - 1)) + c * 85) % 256;
  return (Math.floor(x / 3) + Math.floor(y / 5) + c) % 2 === 0 ? 0 : 255;
}
