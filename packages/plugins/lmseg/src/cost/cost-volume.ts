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
  // Sums in double precision, so that the result does not depend on how classes are grouped.
  const sum = new Float64Array(cells);
  classes.forEach((index, i) => {
    sum.fill(0);
    for (let c = 0; c < grid.width; c++) {
      const factor = text.values[index * text.width + c] ?? 0;
      const from = c * cells;
      for (let cell = 0; cell < cells; cell++)
        sum[cell] = (sum[cell] as number) + factor * (grid.values[from + cell] as number);
    }
    costs.set(sum, i * cells);
  });
  return costs;
}
