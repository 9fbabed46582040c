import {
  resolveMasksInSlices,
  type FeatureMap,
  type MaskPrompt,
  type PatchProposals,
  type ResolvedMasks,
  type RunContext,
  type SlotStages,
} from '@maskloom/core';
import { gather } from '@maskloom/rose';

/**
 * Masks of some patches' embeddings, decoded in one call.
 * @param prompts - what prompts the decoder besides a patch's embedding, the same for each
 */
export async function decodePatches(
  decoder: SlotStages['MaskDecoder'],
  features: FeatureMap,
  proposals: PatchProposals,
  patches: readonly number[],
  prompts: Omit<MaskPrompt, 'embedding'>,
  run: RunContext,
): Promise<ResolvedMasks> {
  const { mask: tensor } = await gather(proposals, patches);
  const questions = patches.map((_, row): MaskPrompt => ({ ...prompts, embedding: { tensor, row } }));
  return resolveMasksInSlices(await decoder.decode(features, questions, run), {}, run.signal);
}
