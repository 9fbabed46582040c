import {
  localTensor,
  resolveMasks,
  type FeatureMap,
  type MaskPrompt,
  type ResolvedMasks,
  type RunContext,
  type SlotStages,
  type Tensor,
} from '@maskloom/core';

/**
 * Masks of some patches' embeddings, decoded in one call.
 * @param embeddings - [patches, width]
 * @param prompts - what prompts the decoder besides a patch's embedding, the same for each
 */
export async function decodePatches(
  decoder: SlotStages['MaskDecoder'],
  features: FeatureMap,
  embeddings: Tensor,
  patches: readonly number[],
  prompts: Omit<MaskPrompt, 'embedding'>,
  run: RunContext,
): Promise<ResolvedMasks> {
  const width = embeddings.dims[1] ?? 0;
  const tensor = localTensor([patches.length, 1, width], await rowsOf(embeddings, patches));
  const questions = patches.map((_, row): MaskPrompt => ({ ...prompts, embedding: { tensor, row } }));
  return resolveMasks(await decoder.decode(features, questions, run));
}

/**
 * Some rows of a tensor, in the order asked for.
 * @param tensor - [rows, width]
 */
export async function rowsOf(tensor: Tensor, rows: readonly number[]): Promise<Float32Array> {
  const width = tensor.dims[1] ?? 0;
  const all = await tensor.read();
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, n) => picked.set(all.subarray(row * width, (row + 1) * width), n * width));
  return picked;
}
