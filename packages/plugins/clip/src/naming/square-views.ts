import type { Size } from '@maskloom/core';
import type { RgbPixels } from '@maskloom/runtime';

/** A square part of a picture; it may reach beyond its edges. */
export interface Square {
  /** Left edge in whole pixels of the picture. */
  readonly x: number;
  /** Top edge in whole pixels of the picture. */
  readonly y: number;
  /** Pixels, at least 1. */
  readonly side: number;
}

/**
 * Squares of the shorter side that cover a picture: towers see a square, and cut off the rest of anything else. As few as
 * cover it, the first and the last at its ends, evenly spread.
 */
export function squaresOf({ width, height }: Size): readonly Square[] {
  const side = Math.min(width, height);
  const room = Math.max(width, height) - side;
  const count = Math.ceil(Math.max(width, height) / side);
  return Array.from({ length: count }, (_, i) => {
    const at = count === 1 ? 0 : Math.round((i * room) / (count - 1));
    return width >= height ? { x: at, y: 0, side } : { x: 0, y: at, side };
  });
}

/**
 * A square's pixels.
 * @param fill - red, green and blue of what lies beyond the picture's edges
 * @param shown - row-major, one per pixel of the picture; where it is 0 the square has `fill` too; all is shown when absent
 */
export function cutSquare(
  image: RgbPixels,
  { x, y, side }: Square,
  fill: readonly [number, number, number],
  shown?: Uint8Array,
): RgbPixels {
  const rgb = new Uint8Array(3 * side * side);
  for (let i = 0; i < rgb.length; i++) rgb[i] = fill[i % 3]!;
  const [left, right] = [Math.max(0, x), Math.min(image.width, x + side)];
  for (let row = Math.max(0, y); row < Math.min(image.height, y + side); row++) {
    const from = row * image.width;
    const to = 3 * ((row - y) * side + left - x);
    if (shown === undefined) {
      rgb.set(image.rgb.subarray(3 * (from + left), 3 * (from + right)), to);
      continue;
    }
    for (let column = left; column < right; column++) {
      if (shown[from + column] === 0) continue;
      const at = 3 * (from + column);
      rgb.set(image.rgb.subarray(at, at + 3), to + 3 * (column - left));
    }
  }
  return { width: side, height: side, rgb };
}
