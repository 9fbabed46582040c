import { inSlices, type DecodedMasks } from '@maskloom/core';
import { bitMasks, overlapAbove } from './low-resolution.js';

/**
 * Greedy non-maximum suppression on masks at the decoder's resolution: by falling score, a mask stays unless its IoU
 * with one that stays is above the limit. Equal scores go by place. Empty masks go. Others get the thread every few
 * milliseconds.
 * @param scores - one per mask
 * @param limit - IoU 0..1
 * @returns places of the masks that stay, best first
 */
export function maskNms(
  decoded: DecodedMasks,
  scores: readonly number[],
  limit: number,
): Promise<readonly number[]> {
  return inSlices(nmsSteps(decoded, scores, limit));
}

function* nmsSteps(
  decoded: DecodedMasks,
  scores: readonly number[],
  limit: number,
): Generator<void, readonly number[]> {
  const masks = yield* bitMasks(decoded);
  const order = scores.map((_, n) => n).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const kept: number[] = [];
  for (const n of order) {
    if (masks.areas[n] === 0) continue;
    if (!kept.some((other) => overlapAbove(masks, n, other, limit))) kept.push(n);
    yield;
  }
  return kept;
}

/**
 * Places of the masks that an assembler keeps: its survivors, or all of masks that are its survivors already.
 * @param survivors - the assembler's own rule
 */
export async function keptOf(
  decoded: DecodedMasks,
  scores: readonly number[],
  survivors: (
    decoded: DecodedMasks,
    scores: readonly number[],
  ) => readonly number[] | Promise<readonly number[]>,
): Promise<readonly number[]> {
  return decoded.survived === true ? scores.map((_, n) => n) : survivors(decoded, scores);
}

/** Some of the decoded masks, in the order given: what is not among them is never brought to image size. */
export function pickMasks(decoded: DecodedMasks, places: readonly number[]): DecodedMasks {
  const size = decoded.width * decoded.height;
  const logits = new Float32Array(places.length * size);
  const quality = new Float32Array(places.length);
  places.forEach((place, n) => {
    logits.set(decoded.logits.subarray(place * size, (place + 1) * size), n * size);
    quality[n] = decoded.quality[place] ?? 0;
  });
  return { ...decoded, logits, quality, count: places.length };
}
