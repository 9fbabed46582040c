import type {
  BuiltStages,
  DecodedMasks,
  FeatureMap,
  ImageFrame,
  LanguageSession,
  MaskLabel,
  PatchEvidence,
  RecipeResult,
  RunContext,
  SegmentRequest,
} from '@maskloom/core';
import { pickMasks } from '@maskloom/sam';
import { gather, type ChosenEmbeddings } from '../select/gather.js';
import { heatMap, patchEvidence } from '../select/patch-grid.js';
import { selectPatches } from '../select/select-patches.js';
import { nameProposals } from './name-proposals.js';
import { selectionFor } from './selection-for.js';
import type { RoseWiring } from './wiring.js';

/** The stages of a ROSE pipeline. */
export type RoseStages = BuiltStages<RoseWiring>;

/**
 * ROSE's run (sections 3.2 and 3.3). The language model reads the image for the task's instruction; every patch's
 * state proposes an object; the best proposals become masks in one decoder call and names in one batch; the answer
 * that counts them is written from the same reading and shown as it comes.
 *
 * Prompts of the request (box, mask, points) restrict which patches may propose. A referring request takes the patch
 * whose objectness times similarity with the phrase is highest; it counts nothing.
 */
export async function runRose(
  stages: RoseStages,
  image: ImageFrame,
  request: SegmentRequest,
  run: RunContext,
): Promise<RecipeResult> {
  const { task, text = '' } = request;
  const tokens = await stages.VisionEncoder.encode(image, run);
  const session = await stages.LanguageModel.read(tokens, run, { task, text });
  const grid = session.imageStates;
  const proposals = await stages.PatchAnalyzer.analyze(grid, run);
  const selection = await selectionFor(stages, request, proposals, grid, run);
  const patches = selectPatches(proposals, selection);
  const evidence = {
    heat: heatMap(grid, proposals.objectness),
    patches: patches.map((patch) => patchEvidence(grid, proposals, patch)),
  };
  const answer = task === 'referring' ? '' : await countingAnswer(session, run);
  // Nothing proposed: neither SAM nor the naming needs to run.
  if (patches.length === 0) return { answer, segments: [], evidence };

  const embeddings = await gather(proposals, patches);
  const features = await stages.Encoder.encode(image, run);
  const decoded = await decodeAll(stages, features, embeddings, run);
  const names = await nameProposals(stages, request, embeddings, session, run);
  const [masks, labels] = labelled(decoded, names, evidence.patches);
  const segments = await stages.Assembler.assemble(masks, labels, run, task);
  return { answer, segments, evidence };
}

/** "There are 2 star, 1 grass in this image.", from the reading that the patches come from. */
async function countingAnswer(session: LanguageSession, run: RunContext): Promise<string> {
  const { text, truncated, tokenIds } = await session.answer({ text: '', watch: [] }, run);
  if (truncated) run.warn(`The answer was cut off after ${tokenIds.length} tokens.`);
  return text;
}

/** One mask per proposal, all in one call of the decoder. */
function decodeAll(
  { MaskDecoder }: Pick<RoseStages, 'MaskDecoder'>,
  features: FeatureMap,
  { mask: tensor }: ChosenEmbeddings,
  run: RunContext,
): Promise<DecodedMasks> {
  const prompts = Array.from({ length: tensor.dims[0] ?? 0 }, (_, row) => ({ embedding: { tensor, row } }));
  return MaskDecoder.decode(features, prompts, run);
}

/** Masks with their labels; those whose name fits nothing go. */
function labelled(
  decoded: DecodedMasks,
  names: readonly (string | undefined)[],
  patches: readonly PatchEvidence[],
): readonly [DecodedMasks, readonly MaskLabel[]] {
  const kept: number[] = [];
  const labels: MaskLabel[] = [];
  patches.forEach((patch, n) => {
    const label = names[n];
    if (label === undefined) return;
    kept.push(n);
    labels.push({ label, score: patch.objectness, evidence: { patch } });
  });
  return [kept.length === decoded.count ? decoded : pickMasks(decoded, kept), labels];
}
