import {
  localTensor,
  objectnessMap,
  patchCentres,
  patchEvidence,
  toFrame,
  type Assembler,
  type BuiltStages,
  type CategoryGenerator,
  type DecodedMasks,
  type Encoder,
  type FeatureMap,
  type ImageFrame,
  type LabelMapper,
  type LanguageModel,
  type LanguageSession,
  type MaskDecoder,
  type MaskLabel,
  type MaskPrompt,
  type PatchAnalyzer,
  type PatchEvidence,
  type PatchProposals,
  type PointPrompter,
  type RecipeResult,
  type RunContext,
  type SegmentRequest,
  type TextEmbedder,
} from '@maskloom/core';
import { pointsFor } from '@maskloom/llava';
import { pickMasks } from '@maskloom/sam';
import { gather } from '../select/gather.js';
import { selectPatches } from '../select/select-patches.js';
import { nameProposals } from './name-proposals.js';
import { selectionFor } from './selection-for.js';
import type { RoseWiring } from './wiring.js';

/** The stages of a ROSE pipeline; points are prompted with beside the embeddings where there is a prompter. */
export interface RoseStages extends BuiltStages<RoseWiring> {
  /** The image for mask decoding; called only when a patch proposes. */
  readonly Encoder: Encoder;
  /** The image for the language model. */
  readonly VisionEncoder: Encoder;
  /** Reads the image for the task's instruction; its states are one per patch. */
  readonly LanguageModel: LanguageModel;
  /** The state of each patch to objectness and embeddings. */
  readonly PatchAnalyzer: PatchAnalyzer;
  /** The phrase of a referring request to a vector. */
  readonly TextEmbedder: TextEmbedder;
  /** Mask embeddings to low-resolution masks, one per proposal, in one call. */
  readonly MaskDecoder: MaskDecoder;
  /** Names the proposals that survive, in one batch. */
  readonly CategoryGenerator: CategoryGenerator;
  /** Free names to the request's labels, where it has some. */
  readonly LabelMapper: LabelMapper;
  /** Says which proposals survive, and turns their masks into segments. */
  readonly Assembler: Assembler;
  /** The state of a patch that proposes to points. */
  readonly PointPrompter?: PointPrompter;
}

/** Where the answer comes from: a text that counts what is there, or the names that were written along the regions. */
export type RoseAnswer = 'count' | 'names';

/** What prompts the mask decoder: the mask embedding of each patch, or one point at its middle (a control). */
export type RosePrompt = 'embedding' | 'centre';

/**
 * ROSE's run (sections 3.2 and 3.3). The language model reads the image for the task's instruction; every patch's
 * state proposes an object; the best proposals become masks in one decoder call; those that no better one covers get
 * their names in one batch (suppression does not look at names, so the result is that of naming all). The answer that
 * counts what is there is written from the same reading and shown as it comes.
 *
 * Prompts of the request (box, mask, points) restrict which patches may propose. A referring request takes the patch
 * whose objectness times similarity with the phrase is highest; it counts nothing.
 */
export function roseRun(answerBy: RoseAnswer, promptBy: RosePrompt = 'embedding') {
  return async (
    stages: RoseStages,
    image: ImageFrame,
    request: SegmentRequest,
    run: RunContext,
  ): Promise<RecipeResult> => {
    const { task, text = '' } = request;
    stages.LanguageModel.check?.({ task, text });
    const tokens = await stages.VisionEncoder.encode(image, run);
    const session = await stages.LanguageModel.read(tokens, run, { task, text, states: true });
    const grid = session.imageStates;
    const proposals = await stages.PatchAnalyzer.analyze(grid, run);
    const patches = selectPatches(proposals, await selectionFor(stages, request, proposals, grid, run));
    const evidence = {
      heat: objectnessMap(grid, proposals.objectness),
      patches: patches.map((patch) => patchEvidence(grid, proposals, patch)),
    };
    const counts = answerBy === 'count' && task !== 'referring';
    const answer = counts ? await countingAnswer(session, run) : '';
    // Nothing proposed: neither SAM nor the naming needs to run.
    if (patches.length === 0) return { answer, segments: [], evidence };

    const features = await stages.Encoder.encode(image, run);
    const prompts =
      promptBy === 'centre'
        ? centrePrompts(grid, patches, features)
        : await maskPrompts(stages, grid, proposals, patches, features, run);
    const decoded = await stages.MaskDecoder.decode(features, prompts, run);
    const scores = evidence.patches.map(({ objectness }) => objectness);
    const survivors = await stages.Assembler.survivors?.(decoded, scores, task);
    const places = survivors ?? scores.map((_, n) => n);
    const kept = places.flatMap((n) => patches[n] ?? []);
    const embeddings = await gather(proposals, kept);
    const names = await nameProposals(stages, request, embeddings, session, run);
    const shown = kept.map((patch) => patchEvidence(grid, proposals, patch));
    const [masks, labels] = labelled(decoded, places, names, shown);
    const survived = survivors !== undefined;
    const segments = await stages.Assembler.assemble({ ...masks, survived }, labels, run, task);
    const said = answerBy === 'names' ? names.filter((name) => name !== undefined).join(', ') : answer;
    return { answer: said, segments, evidence };
  };
}

/** "There are 2 star, 1 grass in this image.", from the reading that the patches come from. */
async function countingAnswer(session: LanguageSession, run: RunContext): Promise<string> {
  const { text, truncated, tokenIds } = await session.answer({ text: '', watch: [] }, run);
  if (truncated) run.warn(`The answer was cut off after ${tokenIds.length} tokens.`);
  return text;
}

/** One mask per patch: its mask embedding, and the points that its state suggests where there is a prompter. */
async function maskPrompts(
  { PointPrompter: prompter }: Pick<RoseStages, 'PointPrompter'>,
  grid: FeatureMap,
  proposals: PatchProposals,
  patches: readonly number[],
  features: FeatureMap,
  run: RunContext,
): Promise<readonly MaskPrompt[]> {
  const { mask: tensor } = await gather(proposals, patches);
  const prompts = patches.map((_, row): MaskPrompt => ({ embedding: { tensor, row } }));
  if (prompter === undefined) return prompts;
  const states = await grid.tensor.read();
  const pointed: MaskPrompt[] = [];
  for (const [row, prompt] of prompts.entries()) {
    const at = (patches[row] ?? 0) * grid.width;
    const query = localTensor([1, grid.width], states.slice(at, at + grid.width));
    const suggestion = await prompter.prompt({ query, imageStates: grid }, run);
    pointed.push({ ...prompt, ...pointsFor(suggestion, features) });
  }
  return pointed;
}

/** One positive point per patch, at its middle, and nothing else. */
function centrePrompts(
  grid: FeatureMap,
  patches: readonly number[],
  features: FeatureMap,
): readonly MaskPrompt[] {
  const { frame, xy } = patchCentres(grid);
  return patches.map((patch) => {
    const point = { frame, xy: xy.slice(2 * patch, 2 * patch + 2), labels: new Int8Array([1]) };
    return { points: toFrame(point, features.transform as FeatureMap<'SamPx'>['transform']) };
  });
}

/** The masks at `places` with their labels; those whose name fits nothing go. */
function labelled(
  decoded: DecodedMasks,
  places: readonly number[],
  names: readonly (string | undefined)[],
  patches: readonly PatchEvidence[],
): readonly [DecodedMasks, readonly MaskLabel[]] {
  const kept: number[] = [];
  const labels: MaskLabel[] = [];
  patches.forEach((patch, n) => {
    const [label, place] = [names[n], places[n]];
    if (label === undefined || place === undefined) return;
    kept.push(place);
    labels.push({ label, score: patch.objectness, evidence: { patch } });
  });
  return [pickMasks(decoded, kept), labels];
}
