import type { Position } from '@maskloom/core';

/**
 * The pixel of a region that lies deepest inside it, as in the SAM paper's single-point evaluation (Kirillov et al.
 * 2023, section 7.1): the largest chessboard distance to the nearest pixel outside, the frame's edge counting as
 * outside. Among equals the one nearest their mean, then the first in raster order. The distances to the mean are in
 * float32, as in the training kit, so that ties fall alike.
 * @param inside - row-major [height, width], not 0 inside
 * @returns the pixel's column and row
 */
export function innermostPoint(inside: ArrayLike<number>, width: number, height: number): Position {
  const depth = chessboardDistance(inside, width, height);
  let deepest = 0;
  for (const value of depth) deepest = Math.max(deepest, value);
  const places: number[] = [];
  let rows = 0;
  let columns = 0;
  depth.forEach((value, p) => {
    if (value !== deepest) return;
    places.push(p);
    rows += Math.floor(p / width);
    columns += p % width;
  });
  const row = Math.fround(rows / places.length);
  const column = Math.fround(columns / places.length);
  let best = 0;
  let nearest = Infinity;
  for (const p of places) {
    const dy = Math.fround(Math.floor(p / width) - row);
    const dx = Math.fround((p % width) - column);
    const away = Math.fround(Math.fround(dy * dy) + Math.fround(dx * dx));
    if (away < nearest) {
      nearest = away;
      best = p;
    }
  }
  return { x: best % width, y: Math.floor(best / width) };
}

/** Steps (of a chess king) to the nearest pixel outside, 0 outside: two passes, exact for this distance. */
function chessboardDistance(inside: ArrayLike<number>, width: number, height: number): Uint32Array {
  const depth = new Uint32Array(width * height);
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : (depth[y * width + x] ?? 0);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (inside[y * width + x] !== 0)
        depth[y * width + x] = 1 + Math.min(at(x - 1, y), at(x - 1, y - 1), at(x, y - 1), at(x + 1, y - 1));
  for (let y = height - 1; y >= 0; y--)
    for (let x = width - 1; x >= 0; x--) {
      const p = y * width + x;
      const behind = Math.min(at(x + 1, y), at(x + 1, y + 1), at(x, y + 1), at(x - 1, y + 1));
      depth[p] = Math.min(depth[p] ?? 0, 1 + behind);
    }
  return depth;
}
