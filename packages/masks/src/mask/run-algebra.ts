import { MaskloomError } from '../errors/maskloom-error.js';
import type { MaskRuns } from './runs.js';

/** Number of set pixels. */
export function areaOfRuns({ counts }: MaskRuns): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i] as number;
  return area;
}

/** Tight box [x, y, width, height] in pixels; zeros for an empty mask. */
export function boxOfRuns({ counts, height }: MaskRuns): [number, number, number, number] {
  let left = Infinity;
  let right = -1;
  let top = Infinity;
  let bottom = -1;
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const run = counts[i] as number;
    if ((i & 1) === 1 && run > 0) {
      const last = position + run - 1;
      // Positions are below 2^31 (MAX_MASK_PIXELS), so this rounds down.
      const firstColumn = (position / height) | 0;
      const lastColumn = (last / height) | 0;
      // A run that goes on into the next column touches the bottom row and the top row.
      const spans = lastColumn > firstColumn;
      left = Math.min(left, firstColumn);
      right = Math.max(right, lastColumn);
      top = Math.min(top, spans ? 0 : position - firstColumn * height);
      bottom = Math.max(bottom, spans ? height - 1 : last - lastColumn * height);
    }
    position += run;
  }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** The pixels that are not set. */
export function complementOfRuns({ width, height, counts }: MaskRuns): MaskRuns {
  const flipped = counts[0] === 0 ? counts.slice(1) : Uint32Array.of(0, ...counts);
  return { width, height, counts: flipped };
}

/**
 * Pixels set in both masks.
 * @throws MaskloomError `MASK_INVALID` when the sizes differ
 */
export function intersectionOfRuns(a: MaskRuns, b: MaskRuns): number {
  checkSameSize(a, b);
  let both = 0;
  let i = 0;
  let j = 0;
  let endA = a.counts[0] ?? 0;
  let endB = b.counts[0] ?? 0;
  let position = 0;
  while (i < a.counts.length && j < b.counts.length) {
    const end = Math.min(endA, endB);
    if ((i & 1) === 1 && (j & 1) === 1) both += end - position;
    position = end;
    if (endA === end) endA += a.counts[++i] ?? 0;
    if (endB === end) endB += b.counts[++j] ?? 0;
  }
  return both;
}

/**
 * Intersection over union, as `rleIou` of the COCO API: 0 when nothing is shared (two empty masks included); against a
 * crowd region the denominator is the detection's area alone.
 * @param detection - the predicted mask
 * @param truth - the reference mask
 * @param crowd - whether `truth` is a crowd region
 * @throws MaskloomError `MASK_INVALID` when the sizes differ
 */
export function iouOfRuns(detection: MaskRuns, truth: MaskRuns, crowd = false): number {
  const both = intersectionOfRuns(detection, truth);
  if (both === 0) return 0;
  const area = areaOfRuns(detection);
  return both / (crowd ? area : area + areaOfRuns(truth) - both);
}

/** @throws MaskloomError `MASK_INVALID` when the sizes differ */
export function checkSameSize(a: MaskRuns, b: MaskRuns): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new MaskloomError(
    'MASK_INVALID',
    `Masks of ${a.width} x ${a.height} and ${b.width} x ${b.height} pixels do not match.`,
    {
      hint: 'Bring both masks to the size of one image first.',
    },
  );
}
