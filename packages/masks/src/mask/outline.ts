// Imports nothing: report pages carry this module as it is.

/**
 * Traces the outlines of a mask along pixel edges; the pixel in column x and row y covers [x, x + 1) by [y, y + 1). Filled by
 * the even-odd rule the outlines give the mask back exactly. Each visits a corner once. Parts that touch by a corner only
 * are apart (connectivity 4), and so are holes.
 * @param mask - row-major bytes of [height, width], not zero inside
 * @returns closed outlines, each as interleaved x, y of its corners (0..width, 0..height), without repeating the first: round
 * a part clockwise on the screen, so that the shoelace sum is positive, round a hole the other way
 */
export function traceOutline(mask: Uint8Array, width: number, height: number): number[][] {
  const stride = width + 1;
  const leaving = edgesOf(mask, width, height);
  const loops: number[][] = [];
  for (let start = 0; start < leaving.length; start++) {
    while (leaving[start] !== 0) walk(leaving, start, stride, loops);
  }
  return loops;
}

/**
 * Pixel edges with the mask on their right, by the corner they leave: bits 1 right, 2 down, 4 left, 8 up. Two leave where two
 * pixels touch by a corner only.
 */
function edgesOf(mask: Uint8Array, width: number, height: number): Uint8Array {
  const stride = width + 1;
  const leaving = new Uint8Array(stride * (height + 1));
  const add = (corner: number, bit: number): void => {
    leaving[corner] = (leaving[corner] ?? 0) | bit;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (mask[at] === 0) continue;
      const corner = y * stride + x;
      if (y === 0 || mask[at - width] === 0) add(corner, 1);
      if (x === width - 1 || mask[at + 1] === 0) add(corner + 1, 2);
      if (y === height - 1 || mask[at + width] === 0) add(corner + 1 + stride, 4);
      if (x === 0 || mask[at - 1] === 0) add(corner + stride, 8);
    }
  }
  return leaving;
}

/** Walks back to `start`, using up the edges; what comes back to a corner before that is an outline of its own. */
function walk(leaving: Uint8Array, start: number, stride: number, loops: number[][]): void {
  const steps = [1, stride, -1, -stride];
  const path: number[] = [];
  const places = new Map<number, number>();
  const close = (from: number): void => {
    const loop = path.splice(from);
    for (const corner of loop) places.delete(corner);
    loops.push(loop.flatMap((corner) => [corner % stride, Math.floor(corner / stride)]));
  };
  let at = start;
  let heading = -1;
  do {
    const bits = leaving[at] ?? 0;
    // To the right where there is a choice: round the same pixel.
    const right = (heading + 1) & 3;
    const turn = heading >= 0 && (bits & (1 << right)) !== 0 ? right : 31 - Math.clz32(bits & -bits);
    leaving[at] = bits & ~(1 << turn);
    if (turn !== heading) {
      const seen = places.get(at);
      if (seen !== undefined) close(seen);
      places.set(at, path.length);
      path.push(at);
    }
    heading = turn;
    at += steps[turn] ?? 0;
  } while (at !== start);
  close(0);
}
