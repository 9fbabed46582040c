import { runsOfRle, type RleMask, type Segment, type Size, type Task } from '@maskloom/core';
import { sampleMask } from './client/rle.js';
import { fitWithin } from './picture.js';

/** Pixels shared by, and pixels in either of, a prediction and the truth. */
export interface Overlap {
  /** Pixels in both. */
  readonly intersection: number;
  /** Pixels in at least one. */
  readonly union: number;
}

/**
 * Compares the union of some segments with the union of the true ones.
 * @param size - height and width of the image
 * @throws MaskloomError MASK_INVALID when a mask's size differs from the image's
 */
export function overlap(
  found: readonly Segment[],
  truth: readonly Segment[],
  size: readonly [number, number],
): Overlap {
  const pixels = new Uint8Array(size[0] * size[1]);
  for (const segment of found) mark(pixels, segment.mask, 1);
  for (const segment of truth) mark(pixels, segment.mask, 2);
  let intersection = 0;
  let union = 0;
  for (const bits of pixels) {
    if (bits === 3) intersection++;
    if (bits !== 0) union++;
  }
  return { intersection, union };
}

/** Tasks whose segments have names of their own: what is found counts where the name is right. */
const NAMED: ReadonlySet<Task> = new Set(['free', 'semantic', 'instance']);

/**
 * Compares a result with the truth as the task asks: the union of all segments where one region was asked for; name by
 * name, summed over all names of both sides, where the segments are named.
 * @param size - height and width of the image
 * @throws MaskloomError MASK_INVALID when a mask's size differs from the image's
 */
export function overlapFor(
  task: Task,
  found: readonly Segment[],
  truth: readonly Segment[],
  size: readonly [number, number],
): Overlap {
  if (!NAMED.has(task)) return overlap(found, truth, size);
  const names = new Set([...found, ...truth].map(({ label }) => label));
  const of = (segments: readonly Segment[], name: string): readonly Segment[] =>
    segments.filter(({ label }) => label === name);
  let [intersection, union] = [0, 0];
  for (const name of names) {
    const one = overlap(of(found, name), of(truth, name), size);
    intersection += one.intersection;
    union += one.union;
  }
  return { intersection, union };
}

function mark(pixels: Uint8Array, mask: RleMask, bit: number): void {
  const { counts } = runsOfRle(mask, 'report');
  let position = 0;
  for (const [index, run] of counts.entries()) {
    const end = Math.min(pixels.length, position + run);
    if ((index & 1) === 1) for (let p = position; p < end; p++) pixels[p] = (pixels[p] ?? 0) | bit;
    position = end;
  }
}

/** Longest side of the grid on which columns are compared with each other. */
const GRID = 128;

/**
 * Mean intersection over union between every two columns of a row, on a coarse grid: 1 when all agree (two that
 * both find nothing agree), 0 when nothing overlaps.
 * @param columns - the segments of each column
 * @returns undefined for fewer than two columns
 */
export function meanAgreement(columns: readonly (readonly Segment[])[], image: Size): number | undefined {
  const size = fitWithin(image, GRID);
  const grids = columns.map((segments) => {
    const grid = new Uint8Array(size.width * size.height);
    for (const { mask } of segments) {
      const sampled = sampleMask(mask.counts, mask.size[0], mask.size[1], size.height, size.width);
      for (let i = 0; i < grid.length; i++) grid[i] = (grid[i] ?? 0) | (sampled[i] ?? 0);
    }
    return grid;
  });
  let sum = 0;
  let pairs = 0;
  for (const [index, a] of grids.entries()) {
    for (const b of grids.slice(index + 1)) {
      sum += gridIou(a, b);
      pairs++;
    }
  }
  return pairs === 0 ? undefined : sum / pairs;
}

function gridIou(a: Uint8Array, b: Uint8Array): number {
  let intersection = 0;
  let union = 0;
  for (let i = 0; i < a.length; i++) {
    intersection += (a[i] ?? 0) & (b[i] ?? 0);
    union += (a[i] ?? 0) | (b[i] ?? 0);
  }
  return union === 0 ? 1 : intersection / union;
}
