/**
 * Traces the borders of a mask along pixel edges.
 * @param mask - row-major bytes, non-zero inside
 * @returns closed loops, each as interleaved corner coordinates x, y in pixels (0..width, 0..height);
 *   filled by the even-odd rule they give the mask back
 */
export function traceOutline(mask: Uint8Array, width: number, height: number): number[][] {
  const inside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] !== 0;
  const stride = width + 1;
  // Directed edges with the mask on their right, keyed by the corner they leave: two at most, where
  // two pixels touch by a corner only.
  const leaving = new Map<number, number[]>();
  const add = (from: number, to: number): void => {
    const list = leaving.get(from);
    if (list === undefined) leaving.set(from, [to]);
    else list.push(to);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] === 0) continue;
      const corner = y * stride + x;
      if (!inside(x, y - 1)) add(corner, corner + 1);
      if (!inside(x + 1, y)) add(corner + 1, corner + 1 + stride);
      if (!inside(x, y + 1)) add(corner + 1 + stride, corner + stride);
      if (!inside(x - 1, y)) add(corner + stride, corner);
    }
  }
  const loops: number[][] = [];
  for (const start of leaving.keys()) {
    while ((leaving.get(start)?.length ?? 0) > 0) loops.push(follow(leaving, start, stride));
  }
  return loops;
}

/** Walks one loop from `start`, using up its edges; corners on a straight run are left out. */
function follow(leaving: Map<number, number[]>, start: number, stride: number): number[] {
  const loop: number[] = [];
  let at = start;
  let heading = 0;
  do {
    const next = leaving.get(at)?.pop();
    if (next === undefined) break;
    if (next - at !== heading) loop.push(at % stride, Math.floor(at / stride));
    heading = next - at;
    at = next;
  } while (at !== start);
  return loop;
}
