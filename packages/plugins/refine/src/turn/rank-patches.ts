import { maskIou, overlapOfBoxes, type Box, type ResolvedMasks, type RleMask } from '@maskloom/core';

/**
 * Candidates by objectness, the highest first; equal ones keep their order.
 * @param objectness - one per patch, logits or probabilities
 */
export function rankPatches(candidates: readonly number[], objectness: Float32Array): readonly number[] {
  return sorted(candidates, (n) => objectness[candidates[n] ?? -1] ?? -Infinity);
}

/** What is known of the target. */
export interface Known {
  /** The previous mask, when there is one. */
  readonly mask: RleMask | undefined;
  /** Where to look for it. */
  readonly box: Box<'ImagePx'>;
}

/**
 * Patches by objectness (0..1) times how well their own masks fit what is known: IoU with the previous mask, or, where
 * there is none, IoU of the mask's box with the box looked in. Equal ones keep their order.
 * @param objectness - probabilities, one per ranked patch
 * @param masks - one per ranked patch
 */
export function rankByFit(
  ranked: readonly number[],
  objectness: readonly number[],
  { masks, boxes }: ResolvedMasks,
  known: Known,
): readonly number[] {
  return sorted(ranked, (n) => {
    const own = masks[n];
    if (own === undefined) return -Infinity;
    const fit =
      known.mask === undefined
        ? overlapOfBoxes(boxes[n] ?? [0, 0, 0, 0], known.box)
        : maskIou(own, known.mask);
    return (objectness[n] ?? 0) * fit;
  });
}

function sorted(patches: readonly number[], score: (n: number) => number): readonly number[] {
  return patches
    .map((patch, n) => ({ patch, score: score(n) }))
    .sort((a, b) => b.score - a.score)
    .map(({ patch }) => patch);
}
