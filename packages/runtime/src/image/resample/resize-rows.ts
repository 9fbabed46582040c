import type { Size } from '@maskloom/core';
import { axisTable, type AxisTable } from './axis-table.js';
import { withKernel, type ResampleKernel } from './kernel.js';
import type { PillowFilter } from './pillow-coefficients.js';
import type { RgbPixels } from './rgb-pixels.js';

/** A part of the resized picture. */
export interface Part extends Size {
  /** Pixels from the left. */
  readonly x: number;
  /** Pixels from the top. */
  readonly y: number;
}

/**
 * Takes finished rows.
 * @param bytes - holds them, RGB; true until it returns
 * @param at - byte of the first row
 * @param stride - bytes from row to row
 * @param y - the first row's place in the part
 * @param count - rows
 */
export type RowSink = (bytes: Uint8Array, at: number, stride: number, y: number, count: number) => void;

/** Rows that the kernel takes at a time. */
const BAND = 4;
/** Rows between two pauses where there is nothing to compute. */
const ROWS_AT_ONCE = 64;
/** Bytes that the kernel may read or write beyond a row. */
const SPARE = 16;

/**
 * Resizes a picture, or a part of the resized picture, as Pillow's two passes do, a band of rows at a time: both passes work
 * on rows that are still in the processor's cache. Only rows and columns that the part depends on are computed.
 * @param sink - takes the rows, in order
 */
export function resizeRows(
  pixels: RgbPixels,
  size: Size,
  part: Part,
  filter: PillowFilter,
  sink: RowSink,
): Generator<void, void> {
  if (pixels.width === size.width && pixels.height === size.height) return asTheyAre(pixels, part, sink);
  const across = axisTable({ from: pixels.width, to: size.width, start: part.x, length: part.width }, filter);
  const down = axisTable(
    { from: pixels.height, to: size.height, start: part.y, length: part.height },
    filter,
  );
  const plan = planOf(pixels, size, part, across, down);
  return withKernel(plan.end, (kernel) => resizeBands(kernel, pixels, part, down, plan, sink));
}

/** Of the same size both passes weigh each pixel with 1 and its neighbours with 0. */
function* asTheyAre({ rgb, width }: RgbPixels, part: Part, sink: RowSink): Generator<void, void> {
  const stride = width * 3;
  for (let y = 0; y < part.height; y += ROWS_AT_ONCE) {
    const at = (part.y + y) * stride + part.x * 3;
    sink(rgb, at, stride, y, Math.min(ROWS_AT_ONCE, part.height - y));
    yield;
  }
}

type Plan = ReturnType<typeof planOf>;

/** What lies where in the kernel's memory. */
function planOf(pixels: RgbPixels, size: Size, part: Part, across: AxisTable, down: AxisTable) {
  const verticalFirst = isVerticalFirst(pixels, size);
  const source = pixels.width * 3;
  const narrow = align(part.width * 3 + 1);
  /** Rows of the ring: what one output needs, and what a whole band brings besides. */
  const rows = align(2 * down.pairs + BAND - 1, BAND);
  const stride = verticalFirst ? align(source) : narrow;
  let end = 0;
  const take = (bytes: number): number => {
    const at = end;
    end = align(end + bytes + SPARE);
    return at;
  };
  const index = take(8 * part.width);
  const weights = take(across.weights.byteLength);
  const downWeights = take(down.weights.byteLength);
  const ring = take(rows * stride);
  /** The rows between the passes' order: those of the source, or those that the vertical pass gave. */
  const band = take(BAND * Math.max(source, stride));
  const out = take(BAND * narrow);
  return {
    verticalFirst,
    across,
    source,
    narrow,
    rows,
    stride,
    index,
    weights,
    downWeights,
    ring,
    band,
    out,
    end,
  };
}

/**
 * Pillow 13 does the vertical pass first when it takes away more than twice as many rows as the
 * horizontal one takes columns (pull request 9549; earlier versions never do). Each pass rounds to 8
 * bits, so the order shows.
 */
function isVerticalFirst(from: Size, to: Size): boolean {
  return from.height - to.height > 2 * Math.max(0, from.width - to.width);
}

function* resizeBands(
  kernel: ResampleKernel,
  pixels: RgbPixels,
  part: Part,
  down: AxisTable,
  plan: Plan,
  sink: RowSink,
): Generator<void, void> {
  const { verticalFirst, across, source, narrow, rows, stride, band, ring, out } = plan;
  const bytes = new Uint8Array(kernel.memory(plan.end));
  writeTables(bytes, across, down, plan);
  const horizontal = (from: number, step: number, to: number): void =>
    kernel.call.horizontal(from, step, to, narrow, part.width, plan.index, plan.weights, across.pairs);
  const copy = (row: number, to: number): void => {
    const end = Math.min(row + BAND, pixels.height);
    bytes.set(pixels.rgb.subarray(row * source, end * source), to);
  };
  let filled = (down.first[0] as number) & -BAND;
  /** Brings the ring's rows up to one, a band at a time. */
  const fill = (end: number): void => {
    for (; filled < end; filled += BAND) {
      const to = ring + (filled % rows) * stride;
      if (verticalFirst) copyRows(bytes, pixels, filled, to, stride);
      else {
        copy(filled, band);
        horizontal(band, source, to);
      }
    }
  };
  for (let y = 0; y < part.height; y += BAND) {
    const count = Math.min(BAND, part.height - y);
    for (let i = 0; i < count; i++) {
      const first = down.first[y + i] as number;
      const pairs = down.counts[y + i] as number;
      fill(Math.min(first + 2 * pairs, pixels.height));
      kernel.call.vertical(
        ring,
        ring + rows * stride,
        stride,
        ring + (first % rows) * stride,
        (verticalFirst ? band : out) + i * stride,
        plan.downWeights + 8 * (y + i) * down.pairs,
        pairs,
      );
    }
    if (verticalFirst) horizontal(band, stride, out);
    sink(bytes, out, narrow, y, count);
    yield;
  }
}

function copyRows(
  bytes: Uint8Array,
  { rgb, width, height }: RgbPixels,
  from: number,
  to: number,
  stride: number,
) {
  for (let row = from; row < Math.min(from + BAND, height); row++, to += stride)
    bytes.set(rgb.subarray(row * width * 3, (row + 1) * width * 3), to);
}

function writeTables(bytes: Uint8Array, across: AxisTable, down: AxisTable, plan: Plan): void {
  const index = new Int32Array(bytes.buffer, plan.index, 2 * across.first.length);
  across.first.forEach((first, i) => {
    index[2 * i] = first * 3;
    index[2 * i + 1] = across.counts[i] as number;
  });
  new Int16Array(bytes.buffer, plan.weights, across.weights.length).set(across.weights);
  new Int16Array(bytes.buffer, plan.downWeights, down.weights.length).set(down.weights);
}

function align(bytes: number, to = 16): number {
  return Math.ceil(bytes / to) * to;
}
