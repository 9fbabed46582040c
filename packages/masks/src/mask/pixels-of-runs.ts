import type { MaskRuns } from './runs.js';

/**
 * The row-major pixels of a mask, 1 = set, length height x width. Where runs begin and end is marked first; then every
 * row is the one above it with the marked pixels flipped, four pixels at a time, so that big masks cost no more than
 * small ones.
 */
export function pixelsOfRuns({ width, height, counts }: MaskRuns): Uint8Array {
  const stride = (width + 3) & ~3;
  const bytes = new Uint8Array(stride * height);
  let position = 0;
  let column = 0;
  let inside = 0;
  for (let i = 0; i + 1 < counts.length; i++) {
    position += counts[i] as number;
    const x = Math.floor(position / height);
    if (x >= width) break;
    // Columns that begin within the run.
    if (inside === 1) bytes.fill(1, column, x + 1);
    column = x + 1;
    const y = position - x * height;
    inside ^= 1;
    if (y === 0) bytes[x] = inside;
    else {
      const at = y * stride + x;
      bytes[at] = (bytes[at] as number) ^ 1;
    }
  }
  if (inside === 1) bytes.fill(1, column, width);
  const words = new Int32Array(bytes.buffer);
  const perRow = stride >> 2;
  for (let at = perRow; at < words.length; at++) {
    words[at] = (words[at] as number) ^ (words[at - perRow] as number);
  }
  if (stride === width) return bytes;
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    pixels.set(bytes.subarray(y * stride, y * stride + width), y * width);
  }
  return pixels;
}
