import { clipLine, drawLine, type Point } from './draw-line.js';

/** Bits after the point of OpenCV's fixed-point columns. */
const SHIFT = 16;
const ONE = 2 ** SHIFT;

/** A side of an outline on the rows `from` to `to - 1`. */
interface Edge {
  readonly from: number;
  readonly to: number;
  /** Column at row `from`, times 2^16. */
  readonly x: number;
  /** Change of the column from row to row, times 2^16, cut to a whole number. */
  readonly dx: number;
}

/**
 * The pixels of an outline by OpenCV's rule (`polylines` of one pixel and `fillPoly`, connectivity 8, no shift): points cut
 * to integers, the even-odd inside by fixed-point scanlines, and the boundary. Equal to OpenCV 4.8 (which LISA names in
 * its requirements) to the pixel, also where the outline leaves the image; newer versions leave out some pixels beside the
 * boundary.
 * @param points - [x, y] each in ImagePx; closed without repeating the first
 * @returns row-major [height, width], values 0 and 1
 */
export function fillOutline(points: readonly Point[], width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  const whole = points.map(([x, y]): Point => [Math.trunc(x), Math.trunc(y)]);
  const edges: Edge[] = [];
  for (let i = 0; i < whole.length; i++) {
    const from = whole[(i + whole.length - 1) % whole.length] as Point;
    const to = whole[i] as Point;
    drawLine(from, to, pixels, width, height);
    const edge = edgeOf(from, to, width, height);
    if (edge !== undefined) edges.push(edge);
  }
  fillEdges(edges, pixels, width, height);
  return pixels;
}

function edgeOf(from: Point, to: Point, width: number, height: number): Edge | undefined {
  if (from[1] === to[1]) return undefined;
  const inside = [from, to].every(([x, y]) => x >= 0 && x < width && y >= 0 && y < height);
  const [a, b] = clipLine(from, to, width, height);
  const [[left, y0], [right, y1]] = inside || a[1] === b[1] ? [from, to] : [a, b];
  // Sides that are not clipped count from the pixel's middle.
  const [x0, x1] = inside ? [left + 0.5, right + 0.5] : [left, right];
  const dx = Math.trunc((ONE * (x1 - x0)) / (y1 - y0));
  // Clipping moved an end along the line; the column is taken back to the row where the side begins.
  const start = from[1] < to[1] ? ONE * x0 + (from[1] - y0) * dx : ONE * x1 + (to[1] - y1) * dx;
  const first = Math.min(from[1], to[1]);
  const skipped = Math.max(0, -first);
  return { from: first + skipped, to: Math.max(from[1], to[1]), x: start + skipped * dx, dx };
}

function fillEdges(edges: readonly Edge[], pixels: Uint8Array, width: number, height: number): void {
  const top = edges.reduce((least, { from }) => Math.min(least, from), height);
  const bottom = edges.reduce((most, { to }) => Math.max(most, to), 0);
  const cuts: number[] = [];
  for (let y = top; y < Math.min(bottom, height); y++) {
    cuts.length = 0;
    for (const { from, to, x, dx } of edges) if (from <= y && y < to) cuts.push(x + (y - from) * dx);
    cuts.sort((a, b) => a - b);
    for (let c = 0; c + 1 < cuts.length; c += 2) {
      const left = Math.max(0, Math.floor((cuts[c] as number) / ONE));
      const right = Math.min(width - 1, Math.floor((cuts[c + 1] as number) / ONE));
      if (right >= left) pixels.fill(1, y * width + left, y * width + right + 1);
    }
  }
}
