import type { MaskRuns } from '@maskloom/core';

/** A piece of one column of a mask. */
interface Piece {
  readonly column: number;
  readonly top: number;
  readonly end: number;
}

/** The connected regions of a mask's set pixels, neighbours over corners too. */
export interface Regions {
  /** Pieces of columns, by column and then by row. */
  readonly pieces: readonly Piece[];
  /** The region of each piece. */
  readonly regionOf: Int32Array;
  /** Pixels of each region. */
  readonly areas: readonly number[];
}

/**
 * Finds connected regions on runs, so that memory follows the mask's outline and not the image's size. Regions are
 * numbered by their first pixel, column by column.
 */
export function regionsOf(runs: MaskRuns): Regions {
  const pieces = piecesOf(runs);
  const parent = Int32Array.from(pieces, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  let before = 0;
  for (let i = 0; i < pieces.length; i++) {
    const { column, top, end } = pieces[i]!;
    // Pieces of the column before that end above this one touch none of the later ones either.
    while (
      before < i &&
      (pieces[before]!.column < column - 1 ||
        (pieces[before]!.column === column - 1 && pieces[before]!.end < top))
    )
      before++;
    for (let j = before; j < i && pieces[j]!.column === column - 1 && pieces[j]!.top <= end; j++) {
      const [a, b] = [root(i), root(j)];
      parent[Math.max(a, b)] = Math.min(a, b);
    }
  }
  const numbers = new Map<number, number>();
  const areas: number[] = [];
  const regionOf = Int32Array.from(pieces, ({ top, end }, i) => {
    const first = root(i);
    const region = numbers.get(first) ?? numbers.size;
    numbers.set(first, region);
    areas[region] = (areas[region] ?? 0) + end - top;
    return region;
  });
  return { pieces, regionOf, areas };
}

/** The pixels of some regions as runs. */
export function runsOfRegions(
  { pieces, regionOf }: Regions,
  wanted: ReadonlySet<number>,
  { width, height }: Pick<MaskRuns, 'width' | 'height'>,
): MaskRuns {
  const counts: number[] = [];
  let position = 0;
  pieces.forEach(({ column, top, end }, i) => {
    if (!wanted.has(regionOf[i]!)) return;
    const start = column * height + top;
    if (start === position && counts.length > 0) counts[counts.length - 1]! += end - top;
    else counts.push(start - position, end - top);
    position = column * height + end;
  });
  if (position < width * height) counts.push(width * height - position);
  return { width, height, counts: Uint32Array.from(counts) };
}

function piecesOf({ height, counts }: MaskRuns): readonly Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  counts.forEach((count, i) => {
    for (let from = position; i % 2 === 1 && from < position + count;) {
      const column = Math.floor(from / height);
      const end = Math.min(position + count, (column + 1) * height);
      pieces.push({ column, top: from - column * height, end: end - column * height });
      from = end;
    }
    position += count;
  });
  return pieces;
}
