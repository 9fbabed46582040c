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

/**
 * The union or intersection of masks of one size. What has been merged waits until what follows it is about as long: so no long
 * result is gone through again for every short mask, and one that has become short goes on at once.
 * @throws MaskloomError `MASK_INVALID` when there is no mask or the sizes differ
 */
export function mergeRuns(masks: readonly MaskRuns[], how: 'union' | 'intersection'): MaskRuns {
  if (masks.length === 0) throw new MaskloomError('MASK_INVALID', 'No masks to merge.');
  const waiting: MaskRuns[] = [];
  const mergeLast = (): void => {
    const last = waiting.pop()!;
    waiting.push(mergeTwo(waiting.pop()!, last, how));
  };
  for (const mask of masks) {
    waiting.push(mask);
    while (waiting.length > 1 && waiting.at(-2)!.counts.length <= 2 * waiting.at(-1)!.counts.length)
      mergeLast();
  }
  while (waiting.length > 1) mergeLast();
  return waiting[0]!;
}

function mergeTwo(a: MaskRuns, b: MaskRuns, how: 'union' | 'intersection'): MaskRuns {
  checkSameSize(a, b);
  const [runsA, runsB] = [a.counts, b.counts];
  const counts = new Uint32Array(runsA.length + runsB.length);
  // The value that one of the two decides by itself, however often the other changes meanwhile.
  const deciding = how === 'union' ? 1 : 0;
  const total = a.width * a.height;
  let length = 0;
  let [i, j] = [0, 0];
  let endA = runsA[0] as number;
  let endB = runsB[0] as number;
  let current = 0;
  let start = 0;
  for (;;) {
    if ((i & 1) === deciding) while (endB < endA) endB += runsB[++j] as number;
    if ((j & 1) === deciding) while (endA < endB) endA += runsA[++i] as number;
    // Both last runs end with the mask.
    const at = endA < endB ? endA : endB;
    if (!(at < total)) break;
    while (endA === at) endA += runsA[++i] as number;
    while (endB === at) endB += runsB[++j] as number;
    const decided = (i & 1) === deciding || (j & 1) === deciding;
    const value = decided ? deciding : 1 - deciding;
    if (value === current) continue;
    counts[length++] = at - start;
    start = at;
    current = value;
  }
  counts[length++] = total - start;
  return { width: a.width, height: a.height, counts: counts.slice(0, length) };
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

function checkSameSize(a: MaskRuns, b: MaskRuns): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new MaskloomError(
    'MASK_INVALID',
    `Masks of ${a.width} x ${a.height} and ${b.width} x ${b.height} pixels do not match.`,
    {
      hint: 'Bring both masks to the size of one image first.',
    },
  );
}
