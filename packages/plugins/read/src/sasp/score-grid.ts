/** A row-major grid of float32 values. */
export interface Grid {
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Cells from left to right. */
  readonly columns: number;
  /** Length rows * columns. */
  readonly values: Float32Array;
}

/**
 * Bilinear value of a grid at a fractional cell position, clamped to the outermost cell centres. With
 * `column = (x + 0.5) * columns / width - 0.5` this is PyTorch's `F.interpolate(mode='bilinear',
 * align_corners=False)`.
 * @param row - fractional row; 0 is the centre of the first row
 * @param column - fractional column; 0 is the centre of the first column
 */
export function sampleBilinear(grid: Grid, row: number, column: number): number {
  const y = Math.min(Math.max(row, 0), grid.rows - 1);
  const x = Math.min(Math.max(column, 0), grid.columns - 1);
  const top = Math.floor(y);
  const left = Math.floor(x);
  const bottom = Math.min(top + 1, grid.rows - 1);
  const right = Math.min(left + 1, grid.columns - 1);
  const at = (r: number, c: number): number => grid.values[r * grid.columns + c] ?? 0;
  const upper = (1 - (x - left)) * at(top, left) + (x - left) * at(top, right);
  const lower = (1 - (x - left)) * at(bottom, left) + (x - left) * at(bottom, right);
  return (1 - (y - top)) * upper + (y - top) * lower;
}

/**
 * Resizes a grid bilinearly without antialiasing, as PyTorch does with `align_corners=False`.
 * @param rows - rows wanted
 * @param columns - columns wanted
 * @returns float32 grid; the same object when the size is already right
 */
export function resizeGrid(grid: Grid, rows: number, columns: number): Grid {
  if (rows === grid.rows && columns === grid.columns) return grid;
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const row = ((r + 0.5) * grid.rows) / rows - 0.5;
    for (let c = 0; c < columns; c++) {
      values[r * columns + c] = sampleBilinear(grid, row, ((c + 0.5) * grid.columns) / columns - 0.5);
    }
  }
  return { rows, columns, values };
}

/**
 * Min-max normalisation to [0, 1] in float32, with no epsilon.
 * @returns the normalised grid, or `undefined` for a flat grid (all cells equal), where min-max has no
 * value: the released code makes NaN there
 */
export function minMax(grid: Grid): Grid | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const value of grid.values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = Math.fround(high - low);
  if (!(range > 0)) return undefined;
  return { ...grid, values: grid.values.map((value) => Math.fround(value - low) / range) };
}
