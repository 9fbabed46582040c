import { MaskloomError } from '../errors/maskloom-error.js';

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
  labels: Uint8Array | Int32Array,
  width: number,
  height: number,
  value: number,
): MaskRuns {
  checkMaskSize(width, height);
  checkLength(labels.length, width, height);
  const counts: number[] = [];
  let current = false;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width) {
      if ((labels[at] === value) !== current) {
        counts.push(run);
        run = 0;
        current = !current;
      }
      run++;
    }
  }
  counts.push(run);
  return { width, height, counts: Uint32Array.from(counts) };
}

/**
 * Run lengths of every value of a row-major label map in one pass.
 * @param labels - row-major [height, width]; values 0..255
 * @returns the runs of each value that occurs
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function runsOfLabels(labels: Uint8Array, width: number, height: number): Map<number, MaskRuns> {
  checkMaskSize(width, height);
  checkLength(labels.length, width, height);
  const counts: number[][] = [];
  const ends = new Float64Array(256);
  let current = labels[0] as number;
  let start = 0;
  const total = width * height;
  const close = (value: number, from: number, to: number): void => {
    const runs = (counts[value] ??= []);
    runs.push(from - (ends[value] as number), to - from);
    ends[value] = to;
  };
  for (let x = 0, position = 0; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width, position++) {
      const value = labels[at] as number;
      if (value === current) continue;
      close(current, start, position);
      current = value;
      start = position;
    }
  }
  close(current, start, total);
  const found = new Map<number, MaskRuns>();
  counts.forEach((runs, value) => {
    const rest = total - (ends[value] as number);
    found.set(value, { width, height, counts: Uint32Array.from(rest > 0 ? [...runs, rest] : runs) });
  });
  return found;
}

/**
 * Run lengths of the non-zero pixels of a row-major mask.
 * @param pixels - row-major [height, width], 0 = background
 * @throws MaskloomError `MASK_INVALID` when the array is not width x height long
 */
export function runsOfPixels(pixels: Uint8Array, width: number, height: number): MaskRuns {
  checkMaskSize(width, height);
  checkLength(pixels.length, width, height);
  const counts: number[] = [];
  let current = false;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0, at = x; y < height; y++, at += width) {
      if ((pixels[at] !== 0) !== current) {
        counts.push(run);
        run = 0;
        current = !current;
      }
      run++;
    }
  }
  counts.push(run);
  return { width, height, counts: Uint32Array.from(counts) };
}

/** The row-major pixels of a mask, 1 = set, length height x width. */
export function pixelsOfRuns(runs: MaskRuns): Uint8Array {
  const { width, height, counts } = runs;
  const pixels = new Uint8Array(width * height);
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = position + (counts[i] ?? 0);
    if ((i & 1) === 1) {
      let x = Math.floor(position / height);
      let y = position - x * height;
      for (let p = position; p < end; p++) {
        pixels[y * width + x] = 1;
        if (++y === height) {
          y = 0;
          x++;
        }
      }
    }
    position = end;
  }
  return pixels;
}

function checkLength(length: number, width: number, height: number): void {
  if (length !== width * height) {
    throw new MaskloomError('MASK_INVALID', `${length} values for a mask of ${width} x ${height} pixels.`, {
      hint: `Give one value per pixel in row-major order: ${width * height}.`,
    });
  }
}
