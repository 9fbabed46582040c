import type { TextEmbeddings } from '@maskloom/core';

/** One view's features, read: unit length over the channels. */
export interface FusedGrid {
  /** Row-major [width, rows, columns]. */
  readonly values: Float32Array;
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The cost volume of some classes: cosine of every cell with every class (LMSeg, section 3.4; CAT-Seg). Both sides are
 * unit vectors, so it is their inner product.
 * @param classes - places among the embeddings
 * @returns row-major [classes, rows, columns], -1..1
 */
export function costVolume(grid: FusedGrid, text: TextEmbeddings, classes: readonly number[]): Float32Array {
  const cells = grid.rows * grid.columns;
  const costs = new Float32Array(classes.length * cells);
  classes.forEach((index, i) => {
    const vector = text.values.subarray(index * text.width, (index + 1) * text.width);
    const row = costs.subarray(i * cells, (i + 1) * cells);
    costsOf(grid.values, vector, row);
  });
  return costs;
}

/** Cells worked on together: their sums stay in registers. */
const TOGETHER = 4;

/**
 * One class with every cell. Sums in double precision and in the order of the channels, so that the result does not depend on
 * how classes or cells are grouped.
 */
function costsOf(grid: Float32Array, one: Float32Array, into: Float32Array): void {
  const [width, cells] = [one.length, into.length];
  const whole = cells - (cells % TOGETHER);
  for (let cell = 0; cell < whole; cell += TOGETHER) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let channel = 0, at = cell; channel < width; channel++, at += cells) {
      const factor = one[channel]!;
      a += factor * grid[at]!;
      b += factor * grid[at + 1]!;
      c += factor * grid[at + 2]!;
      d += factor * grid[at + 3]!;
    }
    into[cell] = a;
    into[cell + 1] = b;
    into[cell + 2] = c;
    into[cell + 3] = d;
  }
  for (let cell = whole; cell < cells; cell++) {
    let sum = 0;
    for (let channel = 0; channel < width; channel++) sum += one[channel]! * grid[channel * cells + cell]!;
    into[cell] = sum;
  }
}
