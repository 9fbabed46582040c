import { MaskloomError } from '../errors/maskloom-error.js';
import type { RleMask } from './rle-mask.js';
import type { MaskRuns } from './runs.js';
import { runsFromMasks } from './runs-of-masks.js';

/** A mask made ready to be compared with many others. */
export interface RunIndex {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Column-major position at which each run ends; runs of set pixels have odd places. */
  readonly ends: Uint32Array;
  /** Pixels set. */
  readonly area: number;
  /** Tight box [x, y, width, height]; zeros for an empty mask. */
  readonly box: readonly [number, number, number, number];
}

/** Makes a mask ready to be compared with many others. */
export function indexRuns({ width, height, counts }: MaskRuns): RunIndex {
  return indexInPlace(counts.slice(), width, height);
}

/**
 * Makes compressed masks ready to be compared with many others, in one piece of memory.
 * @param where - what errors call them, followed by the place
 * @throws MaskloomError `MASK_INVALID` when one is malformed
 */
export function indexMasks(masks: readonly RleMask[], where = 'mask'): RunIndex[] {
  return runsFromMasks(masks, where).map(({ counts, width, height }) => indexInPlace(counts, width, height));
}

/** Turns run lengths into their ends, finding area and box on the way. */
function indexInPlace(runs: Uint32Array, width: number, height: number): RunIndex {
  let area = 0;
  let left = -1;
  let right = -1;
  let top = height;
  let bottom = -1;
  // The column that the last run lay in.
  let column = 0;
  let columnStart = 0;
  let position = 0;
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i]!;
    if ((i & 1) === 1 && run > 0) {
      area += run;
      if (position >= columnStart + height) {
        // Below 2^31 (MAX_MASK_PIXELS), so this rounds down.
        column = (position / height) | 0;
        columnStart = column * height;
      }
      if (left < 0) left = column;
      const first = position - columnStart;
      const last = first + run - 1;
      if (last < height) {
        right = column;
        if (first < top) top = first;
        if (last > bottom) bottom = last;
      } else {
        // A run that goes on into the next column touches the bottom row and the top row.
        right = column + ((last / height) | 0);
        top = 0;
        bottom = height - 1;
      }
    }
    position += run;
    runs[i] = position;
  }
  const box = left < 0 ? ([0, 0, 0, 0] as const) : ([left, top, right - left + 1, bottom - top + 1] as const);
  return { width, height, ends: runs, area, box };
}

/**
 * Pixels set in both masks. Masks whose boxes do not touch cost nothing; others are followed run by run, from the first
 * column that both reach to the last.
 * @throws MaskloomError `MASK_INVALID` when the sizes differ
 */
export function intersectionOfIndexed(a: RunIndex, b: RunIndex): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new MaskloomError(
      'MASK_INVALID',
      `Masks of ${a.width} x ${a.height} and ${b.width} x ${b.height} pixels do not match.`,
      { hint: 'Bring both masks to the size of one image first.' },
    );
  }
  if (!boxesTouch(a.box, b.box)) return 0;
  const from = Math.max(a.box[0], b.box[0]) * a.height;
  const to = Math.min(a.box[0] + a.box[2], b.box[0] + b.box[2]) * a.height;
  const endsA = a.ends;
  const endsB = b.ends;
  let i = firstSetRunAfter(endsA, from);
  let j = firstSetRunAfter(endsB, from);
  let both = 0;
  while (i < endsA.length && j < endsB.length) {
    const startA = endsA[i - 1] as number;
    const startB = endsB[j - 1] as number;
    const endA = endsA[i] as number;
    const endB = endsB[j] as number;
    const start = startA > startB ? startA : startB;
    if (start >= to) break;
    if (endA < endB) {
      if (endA > start) both += endA - start;
      i += 2;
    } else {
      if (endB > start) both += endB - start;
      j += 2;
    }
  }
  return both;
}

/**
 * Intersection over union of all pairs, as `iou` of the COCO API: 0 when nothing is shared; against a crowd region the
 * denominator is the detection's area alone.
 * @param crowd - whether each truth is a crowd region; none is when absent
 * @returns row-major [detections, truths]
 * @throws MaskloomError `MASK_INVALID` when sizes differ
 */
export function iouTable(
  detections: readonly RunIndex[],
  truths: readonly RunIndex[],
  crowd?: readonly boolean[],
): Float64Array {
  const table = new Float64Array(detections.length * truths.length);
  let at = 0;
  for (const detection of detections) {
    for (let g = 0; g < truths.length; g++, at++) {
      const truth = truths[g] as RunIndex;
      const both = intersectionOfIndexed(detection, truth);
      if (both === 0) continue;
      table[at] = both / (crowd?.[g] === true ? detection.area : detection.area + truth.area - both);
    }
  }
  return table;
}

function boxesTouch(a: RunIndex['box'], b: RunIndex['box']): boolean {
  return a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
}

/** Odd place of the first run of set pixels that ends after `position`. */
function firstSetRunAfter(ends: Uint32Array, position: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] as number) > position) high = middle;
    else low = middle + 1;
  }
  return low | 1;
}
