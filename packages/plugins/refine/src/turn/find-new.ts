import {
  isKnown,
  type FeatureMap,
  type PatchProposals,
  type RunContext,
  type Segment,
  type SlotStages,
} from '@maskloom/core';
import { decodePatches } from './decode.js';

/** Objectness from which a patch is asked about something missed, where the analyzer names none. */
const LIKELY = 0.5;

/**
 * The first patch, by falling objectness, whose own mask is of nothing that is there already: a mask IoU of at most 0.7
 * with every known segment. Patches below the analyzer's threshold are not asked.
 * @param ranked - candidates, the most likely first
 * @param most - how many are decoded in one call
 * @returns undefined when there is none
 */
export async function findNew(
  decoder: SlotStages['MaskDecoder'],
  features: FeatureMap,
  proposals: PatchProposals,
  ranked: readonly number[],
  known: readonly Segment[],
  most: number,
  run: RunContext,
): Promise<number | undefined> {
  const { objectness, threshold = LIKELY } = proposals;
  const likely = ranked.filter((patch) => (objectness[patch] ?? 0) >= threshold);
  for (let start = 0; start < likely.length; start += most) {
    const asked = likely.slice(start, start + most);
    const { masks, areas } = await decodePatches(decoder, features, proposals, asked, {}, run);
    const found = asked.find((_, n) => {
      const mask = masks[n];
      return mask !== undefined && !isKnown({ mask, area: areas[n] ?? 0 }, known);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}
