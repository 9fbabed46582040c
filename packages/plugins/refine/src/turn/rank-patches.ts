/**
 * Candidates by objectness, the highest first; equal ones keep their order.
 * @param objectness - logits, one per patch
 */
export function rankPatches(candidates: readonly number[], objectness: Float32Array): readonly number[] {
  return candidates
    .map((patch) => ({ patch, score: objectness[patch] ?? -Infinity }))
    .sort((a, b) => b.score - a.score)
    .map(({ patch }) => patch);
}
