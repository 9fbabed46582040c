import type { FilteredRows } from './png.js';
import { dataInvalid } from './validate.js';

/**
 * Takes one row of ids.
 * @param ids - R + 256 G + 65536 B from left to right; void when the next row comes
 * @param y - from 0
 */
export type TakeIds = (ids: Int32Array, y: number) => void;

/**
 * The colours of an 8-bit RGB or RGBA picture as ids, row by row. A pixel's three bytes are worked on as one number, and filters
 * are undone on the way: a picture is read once, and nothing of its size is made.
 * @throws MaskloomError `DATA_INVALID` on an unknown filter
 */
export function eachRowOfIds(png: FilteredRows, where: string, take: TakeIds): void {
  const { width, height, channels, stride, rows } = png;
  let above = new Int32Array(width);
  let ids = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    const at = y * (stride + 1);
    const filter = rows[at] as number;
    const undo = UNDO[filter];
    if (undo === undefined) throw dataInvalid(where, 'picture', `row ${y} has the unknown filter ${filter}`);
    undo(rows, at + 1, channels, ids, above);
    take(ids, y);
    [above, ids] = [ids, above];
  }
}

/** Undoes the filter of a row that starts at `at`, with the row above it (PNG specification, section 9). */
type Undo = (rows: Uint8Array, at: number, step: number, ids: Int32Array, above: Int32Array) => void;

const UNDO: readonly Undo[] = [none, sub, up, average, paeth];

const colour = (rows: Uint8Array, at: number): number =>
  (rows[at] as number) | ((rows[at + 1] as number) << 8) | ((rows[at + 2] as number) << 16);

/** Sums of three bytes each, without their carries. */
const sum = (a: number, b: number): number => ((a & 0x7f7f7f) + (b & 0x7f7f7f)) ^ ((a ^ b) & 0x808080);

function none(rows: Uint8Array, at: number, step: number, ids: Int32Array): void {
  for (let x = 0; x < ids.length; x++, at += step) ids[x] = colour(rows, at);
}

function sub(rows: Uint8Array, at: number, step: number, ids: Int32Array): void {
  let left = 0;
  for (let x = 0; x < ids.length; x++, at += step) ids[x] = left = sum(colour(rows, at), left);
}

function up(rows: Uint8Array, at: number, step: number, ids: Int32Array, above: Int32Array): void {
  for (let x = 0; x < ids.length; x++, at += step) ids[x] = sum(colour(rows, at), above[x] as number);
}

function average(rows: Uint8Array, at: number, step: number, ids: Int32Array, above: Int32Array): void {
  let left = 0;
  for (let x = 0; x < ids.length; x++, at += step) {
    const over = above[x] as number;
    const half = (left & over) + (((left ^ over) & 0xfefefe) >> 1);
    ids[x] = left = sum(colour(rows, at), half);
  }
}

function paeth(rows: Uint8Array, at: number, step: number, ids: Int32Array, above: Int32Array): void {
  let left = 0;
  let corner = 0;
  for (let x = 0; x < ids.length; x++, at += step) {
    const over = above[x] as number;
    // Within a segment neighbours are equal, and then the rule is known without its distances.
    const nearest = left === corner ? over : over === corner ? left : nearestOf(left, over, corner);
    ids[x] = left = sum(colour(rows, at), nearest);
    corner = over;
  }
}

/** Of each byte, that which is nearest to left + up - corner. */
function nearestOf(left: number, up: number, corner: number): number {
  let out = 0;
  for (let shift = 0; shift < 24; shift += 8) {
    const [a, b, c] = [(left >> shift) & 255, (up >> shift) & 255, (corner >> shift) & 255];
    const [toLeft, toUp, toCorner] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
    const nearest = toLeft <= toUp && toLeft <= toCorner ? a : toUp <= toCorner ? b : c;
    out |= nearest << shift;
  }
  return out;
}
