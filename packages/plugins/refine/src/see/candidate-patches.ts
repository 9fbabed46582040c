import { toFrame, type Box, type FeatureMap } from '@maskloom/core';

/**
 * Patches whose centres lie in a box; along an axis where none does, the one that holds the box's middle. Patches whose
 * centres lie in the padding are never among them.
 * @param box - in pixels of the image
 * @returns row-major indices, rising; never empty
 */
export function candidatePatches(
  box: Box<'ImagePx'>,
  { rows, columns, transform }: Pick<FeatureMap<'ClipPx'>, 'rows' | 'columns' | 'transform'>,
): readonly number[] {
  const { input, resized, offsetX, offsetY } = transform;
  const { x, y, width, height } = toFrame(box, transform);
  const across = centresWithin(x, x + width, {
    cells: columns,
    side: input.width,
    seen: resized.width - offsetX,
  });
  const down = centresWithin(y, y + height, {
    cells: rows,
    side: input.height,
    seen: resized.height - offsetY,
  });
  return down.flatMap((row) => across.map((column) => row * columns + column));
}

interface Axis {
  readonly cells: number;
  /** Length of the input along the axis. */
  readonly side: number;
  /** How much of it the image fills. */
  readonly seen: number;
}

function centresWithin(from: number, to: number, { cells, side, seen }: Axis): readonly number[] {
  const centre = (cell: number): number => ((cell + 0.5) * side) / cells;
  const all = Array.from({ length: cells }, (_, cell) => cell);
  const live = Math.max(1, all.filter((cell) => centre(cell) < seen).length);
  const inside = all.slice(0, live).filter((cell) => centre(cell) >= from && centre(cell) < to);
  if (inside.length > 0) return inside;
  return [Math.min(live - 1, Math.max(0, Math.trunc((((from + to) / 2) * cells) / side)))];
}
