/**
 * Cosine similarities of unit rows.
 * @param rows - [N, width]
 * @param columns - [M, width]
 * @returns [N, M], row-major
 */
export function similarities(rows: Float32Array, columns: Float32Array, width: number): Float32Array {
  const [n, m] = [rows.length / width, columns.length / width];
  const table = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let dot = 0;
      for (let c = 0; c < width; c++) dot += (rows[i * width + c] ?? 0) * (columns[j * width + c] ?? 0);
      table[i * m + j] = dot;
    }
  }
  return table;
}

/** The column with the highest value in a row of [N, M], the first of equals; -1 when M is 0. */
export function bestColumn(table: Float32Array, row: number, columns: number): number {
  let best = -1;
  let highest = -Infinity;
  for (let j = 0; j < columns; j++) {
    const value = table[row * columns + j] ?? -Infinity;
    if (value > highest) [best, highest] = [j, value];
  }
  return best;
}

/** A cosine as a score 0..1: (1 + cos) / 2. */
export function asScore(cosine: number): number {
  return Math.min(1, Math.max(0, (1 + cosine) / 2));
}
