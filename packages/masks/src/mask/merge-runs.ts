import { MaskloomError } from '../errors/maskloom-error.js';
import { mergeByBits } from './merge-by-bits.js';
import { rleOfRuns } from './rle-of-runs.js';
import type { RleMask } from './rle-mask.js';
import { checkSameSize } from './run-algebra.js';
import type { MaskRuns } from './runs.js';
import { charactersOf, readMask, runsFromMasks } from './runs-of-masks.js';

/**
 * The union or intersection of masks of one size.
 * @throws MaskloomError `MASK_INVALID` when there is no mask or the sizes differ
 */
export function mergeRuns(masks: readonly MaskRuns[], how: 'union' | 'intersection'): MaskRuns {
  const [first] = masks;
  if (first === undefined) throw new MaskloomError('MASK_INVALID', 'No masks to merge.');
  let runs = 0;
  for (const mask of masks) {
    checkSameSize(first, mask);
    runs += mask.counts.length;
  }
  if (!manyRuns(masks.length, runs, first.width * first.height)) return mergeInTurn(masks, how);
  return mergeByBits(first, how, { runs, characters: 0 }, masks, ({ counts }, room) => {
    room.counts.set(counts);
    return counts.length;
  });
}

/**
 * The union or intersection of compressed masks of one size.
 * @throws MaskloomError `MASK_INVALID` when one is malformed, the sizes differ or there is none
 */
export function mergeMasks(masks: readonly RleMask[], how: 'union' | 'intersection' = 'union'): RleMask {
  const [first] = masks;
  const [height, width] = first?.size ?? [0, 0];
  const { all, longest } = charactersOf(masks);
  const alike = masks.every(({ size }) => size[0] === height && size[1] === width);
  // Four characters stand for about three runs.
  if (!alike || !manyRuns(masks.length, 0.75 * all, width * height))
    return rleOfRuns(mergeRuns(runsFromMasks(masks), how));
  const room = { runs: all, characters: longest };
  return rleOfRuns(
    mergeByBits({ width, height }, how, room, masks, (mask, { kernel, counts, text }, i) =>
      readMask(kernel, mask, `mask ${i}`, text, counts),
    ),
  );
}

/** Going through all words of a bit map costs about as much as merging a quarter as many runs a few times. */
function manyRuns(masks: number, runs: number, pixels: number): boolean {
  return masks > 3 && 128 * runs >= pixels;
}

/**
 * What has been merged waits until what follows it is about as long: so no long result is gone through again for every short
 * mask, and one that has become short goes on at once.
 */
function mergeInTurn(masks: readonly MaskRuns[], how: 'union' | 'intersection'): MaskRuns {
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
