import type { PatchProposals } from '@maskloom/core';

/** What restricts and weighs the patches besides their objectness. */
export interface Selection {
  /** One flag per patch: whether it may propose; all when absent. */
  readonly within?: readonly boolean[] | undefined;
  /** One factor per patch, at least 0, e.g. its similarity with a phrase; 1 when absent. A patch of factor 0 goes. */
  readonly weights?: Float32Array | undefined;
  /** Most patches; the proposals' own limit when absent. */
  readonly limit?: number | undefined;
}

/**
 * ROSE's patch filter (section 3.3): patches of at least the threshold's objectness, the best first, at most `limit`.
 * Equal scores go by place. The threshold is always that of the objectness; weights only decide the order.
 * @returns indices of patches, row-major; none when nothing is there
 */
export function selectPatches(
  { objectness, limit = objectness.length, threshold = 0 }: PatchProposals,
  { within, weights, limit: most = limit }: Selection = {},
): readonly number[] {
  const score = (patch: number): number => (objectness[patch] ?? 0) * (weights?.[patch] ?? 1);
  const patches: number[] = [];
  objectness.forEach((value, patch) => {
    if (value >= threshold && within?.[patch] !== false && weights?.[patch] !== 0) patches.push(patch);
  });
  return patches.sort((a, b) => score(b) - score(a) || a - b).slice(0, most);
}
