import type { Box, Size } from '@maskloom/core';

/**
 * Draws a box's outline. The box is rounded to pixels (floor of the edge + 0.5) and cut to the image; the line lies
 * inside of it and is `max(1, floor(longest side / 128 + 0.5))` pixels thick. An empty box paints nothing.
 * @param rgb - row-major HWC of the given size, changed in place
 */
export function paintBox(
  rgb: Uint8Array,
  { width, height }: Size,
  box: Box<'ImagePx'>,
  colour: readonly [number, number, number],
): void {
  const [left, top] = [Math.max(0, rounded(box.x)), Math.max(0, rounded(box.y))];
  const [right, bottom] = [
    Math.min(width, rounded(box.x + box.width)),
    Math.min(height, rounded(box.y + box.height)),
  ];
  const line = Math.max(1, rounded(Math.max(width, height) / 128));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const inside = x >= left + line && x < right - line && y >= top + line && y < bottom - line;
      if (!inside) rgb.set(colour, 3 * (y * width + x));
    }
  }
}

function rounded(value: number): number {
  return Math.floor(value + 0.5);
}
