import { runsOfRle, type MaskRuns, type MaskSet } from '@maskloom/core';
import type { Square } from './square-views.js';

/** A square of a picture and the tokens that a tower gave for it. */
export interface SeenSquare {
  readonly square: Square;
  /** Row-major [cells * cells, width], each token of length 1. */
  readonly tokens: Float32Array;
  /** Cells along a side. */
  readonly cells: number;
}

/**
 * The mean token of each mask, of length 1: every pixel of the mask votes for the token of the cell that its middle lies in,
 * in every square that sees it. A mask without pixels has a vector of zeros.
 * @returns row-major [masks, width]
 */
export function poolTokens({ masks }: MaskSet, seen: readonly SeenSquare[], width: number): Float32Array {
  const pooled = new Float32Array(masks.length * width);
  masks.forEach((mask, n) => {
    const runs = runsOfRle(mask, `mask ${n}`);
    const sum = new Float64Array(width);
    for (const { square, tokens, cells } of seen) {
      votesOf(runs, square, cells).forEach((votes, cell) => {
        if (votes === 0) return;
        for (let c = 0; c < width; c++) sum[c] = sum[c]! + votes * tokens[cell * width + c]!;
      });
    }
    const length = Math.hypot(...sum);
    if (length > 0) sum.forEach((value, c) => (pooled[n * width + c] = value / length));
  });
  return pooled;
}

/** Pixels of a mask in each cell of a square, row-major. */
export function votesOf({ height, counts }: MaskRuns, square: Square, cells: number): Float64Array {
  const votes = new Float64Array(cells * cells);
  const { side } = square;
  const cellOf = (pixel: number): number => Math.floor(((pixel + 0.5) * cells) / side);
  let start = 0;
  counts.forEach((count, i) => {
    const end = start + count;
    // A run that goes on into the next column is divided there.
    for (let from = start; i % 2 === 1 && from < end;) {
      const x = Math.floor(from / height);
      const to = Math.min(end, (x + 1) * height);
      const column = x - square.x;
      const last = Math.min(side, to - x * height - square.y);
      for (let y = Math.max(0, from - x * height - square.y); column >= 0 && column < side && y < last;) {
        const row = cellOf(y);
        // The first pixel whose middle lies in the next row of cells.
        const next = Math.min(last, Math.max(y + 1, Math.ceil(((row + 1) * side) / cells - 0.5)));
        const cell = row * cells + cellOf(column);
        votes[cell] = votes[cell]! + (next - y);
        y = next;
      }
      from = to;
    }
    start = end;
  });
  return votes;
}
