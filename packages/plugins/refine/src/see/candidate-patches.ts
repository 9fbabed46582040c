import type { Box, Size } from '@maskloom/core';

/** A grid of patches that covers the whole image, stretched. */
export interface PatchGrid {
  /** From top to bottom. */
  readonly rows: number;
  /** From left to right. */
  readonly columns: number;
}

/**
 * Patches whose centres lie in a box; along an axis where none does, the one that holds the box's centre.
 * @returns row-major indices, rising; never empty
 */
export function candidatePatches(box: Box<'ImagePx'>, image: Size, grid: PatchGrid): readonly number[] {
  const columns = centresWithin(box.x, box.x + box.width, image.width, grid.columns);
  const rows = centresWithin(box.y, box.y + box.height, image.height, grid.rows);
  return rows.flatMap((row) => columns.map((column) => row * grid.columns + column));
}

function centresWithin(from: number, to: number, length: number, cells: number): readonly number[] {
  const inside = Array.from({ length: cells }, (_, cell) => cell).filter((cell) => {
    const centre = ((cell + 0.5) * length) / cells;
    return centre >= from && centre < to;
  });
  if (inside.length > 0) return inside;
  return [Math.min(cells - 1, Math.max(0, Math.trunc((((from + to) / 2) * cells) / length)))];
}
