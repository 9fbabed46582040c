import {
  decodeMask,
  objectnessMap,
  patchEvidence,
  toFrame,
  type Box,
  type DenseMask,
  type FeatureMap,
  type ImageFrame,
  type MaskPrompt,
  type PatchProposals,
  type Prediction,
  type ResolvedInstruction,
  type RunContext,
  type Segment,
} from '@maskloom/core';
import type { RefinePreset } from '../preset.js';
import { candidatePatches } from '../see/candidate-patches.js';
import { previousLogits } from '../see/previous-logits.js';
import { seeWithMask, type SeeingTower } from '../see/tower.js';
import { chooseName } from './choose-name.js';
import { decodePatches } from './decode.js';
import { findNew } from './find-new.js';
import { rankByFit, rankPatches, type Known } from './rank-patches.js';
import type { TurnStages } from './stages.js';
import { wording } from './wording.js';

/** What a refiner brings along itself. */
export interface TurnParts {
  readonly preset: RefinePreset;
  readonly phrasing: number | undefined;
  readonly tower: SeeingTower;
  /** Side of the mask decoder's mask prompt. */
  readonly maskSide: number;
}

/**
 * One turn: the image with the previous mask is read behind the instruction; of the patches in the box (else the
 * mask's box) the best one answers with a mask embedding, decoded by SAM, and a category embedding, decoded to a name.
 * An empty answer leaves the previous mask. Of something missed that nobody points at, the most likely patch answers
 * whose own mask is not there already.
 * @returns the segment that takes the old one's place, or is new when something was missed; undefined when nothing new
 * was found
 */
export async function takeTurn(
  parts: TurnParts,
  stages: TurnStages,
  image: ImageFrame,
  prediction: Prediction,
  instruction: ResolvedInstruction,
  run: RunContext,
): Promise<Segment | undefined> {
  const { situation, segment, box } = instruction;
  const old = situation === 'missed' || segment === undefined ? undefined : prediction.segments[segment];
  const before = old === undefined || old.area === 0 ? undefined : old;
  const mask = before === undefined ? undefined : decodeMask(before.mask);
  const own = before === undefined ? undefined : boxOf(before.bbox);
  const words = wording(parts.preset, instruction, parts.phrasing);
  stages.LanguageModel.check?.({ text: words });
  const seen = await seeWithMask(parts.tower, { image, mask, box, own }, run);
  const session = await stages.LanguageModel.read(seen, run, { text: words, states: true });
  const proposals = await stages.PatchAnalyzer.analyze(session.imageStates, run);
  const features = await stages.Encoder.encode(image, run);
  const known = { mask: before?.mask, box: box ?? own ?? boxOf([0, 0, image.width, image.height]) };
  const free = situation === 'missed' && box === undefined;
  const ranked = free
    ? await rankNew(parts, stages, seen, features, proposals, known, prediction, run)
    : await rank(parts, stages, seen, features, proposals, known, run);
  const [patch] = ranked;
  if (patch === undefined) return undefined;
  const prompts = decoderPrompts(parts, features, box, mask);
  const drawn = await decodePatches(stages.MaskDecoder, features, proposals, [patch], prompts, run);
  const label = await chooseName(
    {
      generator: stages.CategoryGenerator,
      most: parts.preset.asked,
      ...{ proposals, ranked, session, image, prediction, instruction, old },
    },
    run,
  );
  const evidence = {
    map: objectnessMap(seen, proposals.objectness),
    patch: patchEvidence(seen, proposals, patch),
  };
  const [area = 0, found, bbox] = [drawn.areas[0], drawn.masks[0], drawn.boxes[0]];
  if (found === undefined || bbox === undefined) throw new Error('The mask decoder gave no mask.');
  if (area === 0 && old !== undefined) return { ...old, label, evidence };
  return { label, score: old?.score ?? evidence.patch.objectness, bbox, area, mask: found, evidence };
}

/** The patches that may answer, the best first; never none. */
async function rank(
  { preset }: TurnParts,
  { MaskDecoder }: TurnStages,
  { rows, columns, transform }: FeatureMap<'ClipPx'>,
  features: FeatureMap,
  proposals: PatchProposals,
  known: Known,
  run: RunContext,
): Promise<readonly number[]> {
  const { objectness } = proposals;
  const candidates = candidatePatches(known.box, { rows, columns, transform });
  const ranked = rankPatches(candidates, objectness).slice(0, preset.asked);
  if (!preset.fit || ranked.length < 2) return ranked;
  const masks = await decodePatches(MaskDecoder, features, proposals, ranked, {}, run);
  const chances = ranked.map((patch) => objectness[patch] ?? 0);
  return rankByFit(ranked, chances, masks, known);
}

/** The patch that proposes something that is not there already, or none. */
async function rankNew(
  { preset }: TurnParts,
  { MaskDecoder }: TurnStages,
  { rows, columns, transform }: FeatureMap<'ClipPx'>,
  features: FeatureMap,
  proposals: PatchProposals,
  { box }: Known,
  { segments }: Prediction,
  run: RunContext,
): Promise<readonly number[]> {
  const ranked = rankPatches(candidatePatches(box, { rows, columns, transform }), proposals.objectness);
  const found = await findNew(MaskDecoder, features, proposals, ranked, segments, preset.asked, run);
  return found === undefined ? [] : [found];
}

/** What prompts the mask decoder besides the patch's embedding. */
function decoderPrompts(
  { preset, maskSide }: TurnParts,
  features: FeatureMap,
  box: Box<'ImagePx'> | undefined,
  mask: DenseMask | undefined,
): Omit<MaskPrompt, 'embedding'> {
  const transform = features.transform as FeatureMap<'SamPx'>['transform'];
  return {
    ...(box === undefined || !preset.boxPrompt ? {} : { box: toFrame(box, transform) }),
    ...(mask === undefined || !preset.maskPrompt ? {} : { mask: previousLogits(mask, transform, maskSide) }),
  };
}

function boxOf([x, y, width, height]: Segment['bbox']): Box<'ImagePx'> {
  return { frame: 'ImagePx', x, y, width, height };
}
