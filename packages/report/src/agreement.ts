import {
  areaOfRuns,
  intersectionOfRuns,
  mergeRuns,
  runsOfRle,
  type MaskRuns,
  type Segment,
  type Size,
  type Task,
} from '@maskloom/core';
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
  const [mine, theirs] = [unionOf(found, size), unionOf(truth, size)];
  const intersection = intersectionOfRuns(mine, theirs);
  return { intersection, union: areaOfRuns(mine) + areaOfRuns(theirs) - intersection };
}

/** Run lengths of all pixels that some segment has: what is counted costs as much as outlines are long, not as pixels are many. */
function unionOf(segments: readonly Segment[], [height, width]: readonly [number, number]): MaskRuns {
  const nothing = { width, height, counts: Uint32Array.of(width * height) };
  return mergeRuns([nothing, ...segments.map(({ mask }) => runsOfRle(mask, 'report'))], 'union');
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
  const [mine, theirs] = [byName(found), byName(truth)];
  let [intersection, union] = [0, 0];
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
    const one = overlap(mine.get(name) ?? [], theirs.get(name) ?? [], size);
    intersection += one.intersection;
    union += one.union;
  }
  return { intersection, union };
}

function byName(segments: readonly Segment[]): ReadonlyMap<string, readonly Segment[]> {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    const group = groups.get(segment.label);
    if (group === undefined) groups.set(segment.label, [segment]);
    else group.push(segment);
  }
  return groups;
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
