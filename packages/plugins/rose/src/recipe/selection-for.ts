import {
  livePatches,
  MaskloomError,
  patchCentres,
  type BuiltStages,
  type PatchGrid,
  type PatchProposals,
  type RunContext,
  type SegmentRequest,
} from '@maskloom/core';
import { similarities } from '../naming/similarity.js';
import type { Selection } from '../select/select-patches.js';
import { patchesWithin } from '../select/within-regions.js';
import type { RoseWiring } from './wiring.js';

/**
 * What an image and a request make of the patches. Patches whose middle lies in the padding never propose; regions
 * pointed at restrict the others; a phrase weighs them by its cosine with each patch's text-space embedding, not below
 * 0, and takes the best one (the paper says nothing about how ROSE refers; this is ours).
 */
export async function selectionFor(
  stages: Pick<BuiltStages<RoseWiring>, 'TextEmbedder'>,
  { task, text = '', prompts = [] }: SegmentRequest,
  { textEmbeddings }: PatchProposals,
  grid: PatchGrid,
  run: RunContext,
): Promise<Selection> {
  const live = livePatches(grid);
  const regions = prompts.length === 0 ? undefined : patchesWithin(patchCentres(grid), prompts);
  const within = live.map((alive, patch) => alive && regions?.[patch] !== false);
  if (task !== 'referring') return { within };
  if (textEmbeddings === undefined)
    throw new MaskloomError('TASK_UNSUPPORTED', 'These proposals cannot be compared with a phrase.', {
      where: 'PatchAnalyzer',
      hint: "Use a patch analyzer that gives text embeddings, or the task 'free'.",
    });
  const { values, width } = await stages.TextEmbedder.embed([[text]], run);
  const cosines = similarities(await textEmbeddings.read(), values, width);
  return { within, weights: cosines.map((cosine) => Math.max(0, cosine)), limit: 1 };
}
