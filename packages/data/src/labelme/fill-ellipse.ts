/**
 * The pixels of an ellipse in a box by Pillow's rule (`ImageDraw.ellipse`, filled), which labelme draws circles with: its outline
 * is the walk over pixel corners that stays nearest to the curve, in whole numbers of half pixels from the middle.
 * @param box - first and last column and row: [x0, y0, x1, y1], whole numbers, in ImagePx
 * @returns row-major [height, width], values 0 and 1
 */
export function fillEllipse(
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  width: number,
  height: number,
): Uint8Array {
  const pixels = new Uint8Array(width * height);
  const [a, b] = [x1 - x0, y1 - y0];
  if (a < 0 || b < 0) return pixels;
  const off = (x: number, y: number): number => Math.abs(a * a * y * y + b * b * x * x - a * a * b * b);
  const fillRow = (y: number, x: number): void => {
    const left = Math.max(0, x0 + (a - x) / 2);
    const right = Math.min(width - 1, x0 + (a + x) / 2);
    if (y >= 0 && y < height && right >= left) pixels.fill(1, y * width + left, y * width + right + 1);
  };
  let x = a;
  let last = -1;
  for (let y = b % 2; y <= b;) {
    if (y !== last) {
      fillRow(y0 + (b - y) / 2, x);
      fillRow(y0 + (b + y) / 2, x);
      last = y;
    }
    const [up, across, left] = [off(x, y + 2), off(x - 2, y + 2), off(x - 2, y)];
    if (x > 1 && left < Math.min(up, across)) x -= 2;
    else {
      if (x > 1 && across < up) x -= 2;
      y += 2;
    }
  }
  return pixels;
}
