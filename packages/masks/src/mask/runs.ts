import { MaskloomError } from '../errors/maskloom-error.js';
import { changesOfAny, changesOfBytes, changesOfLabels } from './changes.js';

/** Largest number of pixels in one mask: run lengths must fit the 32-bit counts of the COCO format. */
export const MAX_MASK_PIXELS = 0x7fffffff;

/**
 * A binary mask as run lengths over its pixels in column-major order (down the first column, then the
 * second, ...): zeros first, then ones, alternately (COCO API, `maskApi.h`). The counts sum to height x width.
 */
export interface MaskRuns {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Run lengths in pixels, zeros first. */
  readonly counts: Uint32Array;
}

/**
 * Checks a mask size.
 * @throws MaskloomError `MASK_INVALID` unless both are integers >= 1 with at most {@link MAX_MASK_PIXELS} pixels
 */
export function checkMaskSize(width: number, height: number, where = 'mask size'): void {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || width * height > MAX_MASK_PIXELS) {
    throw new MaskloomError('MASK_INVALID', `A mask cannot be ${width} x ${height} pixels.`, {
      where,
      hint: `Width and height are positive integers with a product of at most ${MAX_MASK_PIXELS}.`,
    });
  }
}

/**
 * Run lengths of the pixels that equal `value` in a row-major label map.
 * @param labels - row-major [height, width]
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function runsOfLabel(
  labels: Uint8Array | Uint16Array | Int32Array,
  width: number,
  height: number,
  value: number,
): MaskRuns {
  checkMaskSize(width, height);
  checkLength(labels.length, width, height);
  if (!(labels instanceof Uint8Array)) {
    return runsBetween(changesOfLabels(labels, width, height, value), width, height);
  }
  const kind = new Uint8Array(256);
  if (value >= 0 && value < 256) kind[value] = 1;
  return runsBetween(changesOfBytes(labels, width, height, kind, 0), width, height);
}

/**
 * Run lengths of every value of a row-major label map in one pass.
 * @param labels - row-major [height, width]
 * @returns the runs of each value that occurs, values rising
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function runsOfLabels(
  labels: Uint8Array | Uint16Array | Int32Array,
  width: number,
  height: number,
): Map<number, MaskRuns> {
  checkMaskSize(width, height);
  checkLength(labels.length, width, height);
  const starts =
    labels instanceof Uint8Array
      ? changesOfBytes(labels, width, height, EACH_BYTE, labels[0] as number)
      : changesOfAny(labels, width, height);
  const total = width * height;
  const runs = new Map<number, { readonly counts: number[]; end: number }>();
  for (let i = 0, from = 0; i <= starts.length; i++) {
    const to = i < starts.length ? (starts[i] as number) : total;
    const x = Math.floor(from / height);
    const value = labels[(from - x * height) * width + x] as number;
    let run = runs.get(value);
    if (run === undefined) runs.set(value, (run = { counts: [], end: 0 }));
    run.counts.push(from - run.end, to - from);
    run.end = to;
    from = to;
  }
  const found = new Map<number, MaskRuns>();
  for (const value of [...runs.keys()].sort((a, b) => a - b)) {
    const { counts, end } = runs.get(value)!;
    if (end < total) counts.push(total - end);
    found.set(value, { width, height, counts: Uint32Array.from(counts) });
  }
  return found;
}

/** Every byte stands for itself. */
const EACH_BYTE = Uint8Array.from({ length: 256 }, (_, value) => value);

/**
 * Run lengths of the non-zero pixels of a row-major mask.
 * @param pixels - row-major [height, width], 0 = background
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function runsOfPixels(pixels: Uint8Array, width: number, height: number): MaskRuns {
  checkMaskSize(width, height);
  checkLength(pixels.length, width, height);
  const kind = new Uint8Array(256).fill(1, 1);
  return runsBetween(changesOfBytes(pixels, width, height, kind, 0), width, height);
}

/** The lengths between changes. */
function runsBetween(changes: Uint32Array, width: number, height: number): MaskRuns {
  const counts = new Uint32Array(changes.length + 1);
  let previous = 0;
  for (let i = 0; i < changes.length; i++) {
    counts[i] = (changes[i] as number) - previous;
    previous = changes[i] as number;
  }
  counts[changes.length] = width * height - previous;
  return { width, height, counts };
}

function checkLength(length: number, width: number, height: number): void {
  if (length !== width * height) {
    throw new MaskloomError('MASK_INVALID', `${length} values for a mask of ${width} x ${height} pixels.`, {
      hint: `Give one value per pixel in row-major order: ${width * height}.`,
    });
  }
}
