import type { ImageTransform, Size } from '@maskloom/core';
import { resizeGrid, sampleBilinear, type Grid } from './score-grid.js';

/** Where the cells of a score grid lie in the image, and how a full map is read at image pixels. */
export interface SaspGeometry {
  /** The grid that points are chosen on, given the pooled and min-maxed one; unseen cells hold -1. */
  frame(scores: Grid): Grid;
  /** Place of a cell of `frame`'s grid in ImagePx. */
  place(grid: Grid, cell: number): readonly [x: number, y: number];
  /**
   * Reader of the map that discrete-to-continuous weighs with.
   * @param scores - raw grid after min-max (READ section 4.1), not pooled
   * @returns value at an integer pixel of the image; 0 where the vision encoder saw nothing
   */
  reader(scores: Grid): (x: number, y: number) => number;
}

/**
 * The true inverse of resize and centre crop: the centre of cell (r, c) goes back through the vision encoder's
 * own transform to a float position, clamped to the image. No rounding anywhere.
 */
export function exactGeometry(transform: ImageTransform<'ClipPx'>): SaspGeometry {
  const { original, input, scaleX, scaleY, offsetX, offsetY } = transform;
  return {
    frame: (scores) => scores,
    place: (grid, cell) => {
      const column = cell % grid.columns;
      const row = (cell - column) / grid.columns;
      const x = (((column + 0.5) * input.width) / grid.columns + offsetX) / scaleX;
      const y = (((row + 0.5) * input.height) / grid.rows + offsetY) / scaleY;
      return [clamp(x, original.width - 1), clamp(y, original.height - 1)];
    },
    reader: (scores) => (x, y) => {
      const u = (x + 0.5) * scaleX - offsetX;
      const v = (y + 0.5) * scaleY - offsetY;
      if (u < 0 || v < 0 || u > input.width || v > input.height) return 0;
      return sampleBilinear(
        scores,
        (v * scores.rows) / input.height - 0.5,
        (u * scores.columns) / input.width - 0.5,
      );
    },
  };
}

/**
 * The geometry of the released code, for reproducing its numbers: the seen square is padded symmetrically by
 * floored whole cells (-1 cells crop one row or column on each side), points are cut to whole pixels, and the
 * full map is resized to the encoder's input, zero-padded by the same floored rule, and resized to the image.
 * Off by up to a cell on images whose aspect is not a whole number of cells.
 */
export function compatGeometry(transform: ImageTransform<'ClipPx'>): SaspGeometry {
  const { original, input } = transform;
  return {
    frame: (scores) => padGrid(scores, padding(original, scores.rows), -1),
    place: (grid, cell) => {
      const column = cell % grid.columns;
      const row = (cell - column) / grid.columns;
      const x = Math.min((column + 0.5) * (original.width / grid.columns), original.width - 1);
      const y = Math.min((row + 0.5) * (original.height / grid.rows), original.height - 1);
      return [Math.trunc(x), Math.trunc(y)];
    },
    reader: (scores) => {
      const square = resizeGrid(scores, input.height, input.width);
      const map = padGrid(square, padding(original, input.height), 0);
      return (x, y) =>
        sampleBilinear(
          map,
          ((y + 0.5) * map.rows) / original.height - 0.5,
          ((x + 0.5) * map.columns) / original.width - 0.5,
        );
    },
  };
}

/**
 * Algorithm 1, lines 4-7, to the letter: the grid is laid over the whole image, x = min((column + 0.5) * w / T, w - 1) with
 * T = floor(sqrt(N_t)) (the printed `j mod w` takes w for T). Where the encoder saw a centre square of a picture that is not
 * square, this stretches the square over the whole: at the ends of the longer side by half of what was cropped.
 */
export function printedGeometry({ original }: ImageTransform<'ClipPx'>): SaspGeometry {
  const { width, height } = original;
  return {
    frame: (scores) => scores,
    place: (grid, cell) => {
      const column = cell % grid.columns;
      const row = (cell - column) / grid.columns;
      const x = (column + 0.5) * (width / grid.columns);
      const y = (row + 0.5) * (height / grid.rows);
      return [Math.min(x, width - 1), Math.min(y, height - 1)];
    },
    reader: (scores) => (x, y) =>
      sampleBilinear(
        scores,
        ((y + 0.5) * scores.rows) / height - 0.5,
        ((x + 0.5) * scores.columns) / width - 0.5,
      ),
  };
}

/**
 * Cells to add on each side so that a T x T centre square covers the image, as the released code counts them:
 * floor((floor(side * T / min) - T) / 2). It can be -1 for the short side, because side * (T / side) may come
 * out just under T in double precision (e.g. T = 12 with 47 pixels, T = 336 with 333).
 * @param cells - T
 */
export function padding(image: Size, cells: number): { readonly x: number; readonly y: number } {
  const scale = cells / Math.min(image.width, image.height);
  const pad = (side: number): number => Math.floor((Math.floor(side * scale) - cells) / 2);
  return { x: pad(image.width), y: pad(image.height) };
}

/** Adds (or, when negative, cuts) `pad` rows and columns on every side, filled with `value`. */
export function padGrid(grid: Grid, pad: { readonly x: number; readonly y: number }, value: number): Grid {
  if (pad.x === 0 && pad.y === 0) return grid;
  const rows = grid.rows + 2 * pad.y;
  const columns = grid.columns + 2 * pad.x;
  const values = new Float32Array(rows * columns).fill(value);
  for (let r = Math.max(0, pad.y); r < Math.min(rows, grid.rows + pad.y); r++) {
    for (let c = Math.max(0, pad.x); c < Math.min(columns, grid.columns + pad.x); c++) {
      values[r * columns + c] = grid.values[(r - pad.y) * grid.columns + (c - pad.x)] ?? value;
    }
  }
  return { rows, columns, values };
}

function clamp(value: number, high: number): number {
  return Math.min(Math.max(value, 0), high);
}
