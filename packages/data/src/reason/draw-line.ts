/** [x, y] in ImagePx. */
export type Point = readonly [number, number];

/**
 * Draws a line of one pixel between integer points as OpenCV does (`LineIterator` with connectivity 8, from left to right):
 * clipped to the image first, then Bresenham.
 * @param pixels - row-major [height, width]
 */
export function drawLine(from: Point, to: Point, pixels: Uint8Array, width: number, height: number): void {
  const [a, b, visible] = clipLine(from, to, width, height);
  if (!visible) return;
  let [x, y] = a[0] <= b[0] ? a : b;
  const [endX, endY] = a[0] <= b[0] ? b : a;
  const dx = endX - x;
  const dy = Math.abs(endY - y);
  const down = endY < y ? -1 : 1;
  const steep = dy > dx;
  const long = Math.max(dx, dy);
  const short = Math.min(dx, dy);
  let error = long - 2 * short;
  for (let step = 0; step <= long; step++) {
    pixels[y * width + x] = 1;
    const turn = error < 0;
    error += (turn ? 2 * long : 0) - 2 * short;
    if (steep || turn) y += down;
    if (!steep || turn) x += 1;
  }
}

/**
 * Clips a line to the image as OpenCV's `clipLine`: ends are moved along the line to the border and cut to integers.
 * @returns its ends, and whether any of it is in the image
 */
export function clipLine(from: Point, to: Point, width: number, height: number): [Point, Point, boolean] {
  let [x1, y1] = from;
  let [x2, y2] = to;
  const right = width - 1;
  const bottom = height - 1;
  const side = (x: number): number => (x < 0 ? 1 : 0) + (x > right ? 2 : 0);
  const code = (x: number, y: number): number => side(x) + (y < 0 ? 4 : 0) + (y > bottom ? 8 : 0);
  let c1 = code(x1, y1);
  let c2 = code(x2, y2);
  const crosses = (): boolean => (c1 & c2) === 0 && (c1 | c2) !== 0;
  if (crosses()) {
    if (c1 & 12) {
      const edge = c1 < 8 ? 0 : bottom;
      x1 += Math.trunc(((edge - y1) * (x2 - x1)) / (y2 - y1));
      y1 = edge;
      c1 = side(x1);
    }
    if (c2 & 12) {
      const edge = c2 < 8 ? 0 : bottom;
      x2 += Math.trunc(((edge - y2) * (x2 - x1)) / (y2 - y1));
      y2 = edge;
      c2 = side(x2);
    }
    if (crosses()) {
      if (c1 !== 0) {
        const edge = c1 === 1 ? 0 : right;
        y1 += Math.trunc(((edge - x1) * (y2 - y1)) / (x2 - x1));
        x1 = edge;
        c1 = 0;
      }
      if (c2 !== 0) {
        const edge = c2 === 1 ? 0 : right;
        y2 += Math.trunc(((edge - x2) * (y2 - y1)) / (x2 - x1));
        x2 = edge;
        c2 = 0;
      }
    }
  }
  return [[x1, y1], [x2, y2], (c1 | c2) === 0];
}
