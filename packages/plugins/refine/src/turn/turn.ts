import {
  decodeMask,
  localTensor,
  toFrame,
  type Box,
  type DenseMask,
  type FeatureMap,
  type ImageFrame,
  type MaskPrompt,
  type ModelSession,
  type PatchEvidence,
  type Prediction,
  type ResolvedInstruction,
  type RunContext,
  type ScoreMap,
  type Segment,
  type SlotStages,
  type Tensor,
} from '@maskloom/core';
import type { EmbeddingDecoder } from '@maskloom/llava';
import type { RefinePreset } from '../preset.js';
import { candidatePatches } from '../see/candidate-patches.js';
import { previousLogits } from '../see/previous-logits.js';
import { seeWithMask, type SeeingTower } from '../see/tower.js';
import { chooseName } from './choose-name.js';
import { decodePatches } from './decode.js';
import { rankByFit, rankPatches, type Known } from './rank-patches.js';
import { wording } from './wording.js';

/** What a turn runs on. */
export interface TurnParts {
  readonly preset: RefinePreset;
  readonly phrasing: number;
  readonly tower: SeeingTower;
  readonly encoder: SlotStages['Encoder'];
  readonly language: SlotStages['LanguageModel'];
  readonly analyzer: ModelSession;
  readonly decoder: SlotStages['MaskDecoder'];
  readonly names: EmbeddingDecoder;
  /** Side of the mask decoder's mask prompt. */
  readonly maskSide: number;
}

/**
 * One turn: the image with the previous mask is read behind the instruction; of the patches in the box (else the
 * mask's box) the best one answers with a mask embedding, decoded by SAM, and a category embedding, decoded to a name.
 * An empty answer leaves the previous mask.
 * @returns the segment that takes the old one's place, or is new when something was missed
 */
export async function takeTurn(
  parts: TurnParts,
  image: ImageFrame,
  prediction: Prediction,
  instruction: ResolvedInstruction,
  run: RunContext,
): Promise<Segment> {
  const { situation, segment, box, wrong = '', name } = instruction;
  const old = situation === 'missed' || segment === undefined ? undefined : prediction.segments[segment];
  const before = old === undefined || old.area === 0 ? undefined : old;
  const mask = before === undefined ? undefined : decodeMask(before.mask);
  const own = before === undefined ? undefined : boxOf(before.bbox);
  const seen = await seeWithMask(parts.tower, image, mask, box, own, run);
  const words = wording(parts.preset, situation, parts.phrasing, wrong);
  const { imageStates } = await parts.language.read(seen, run, { text: words });
  const heads = await analyze(parts.analyzer, imageStates, run);
  const features = await parts.encoder.encode(image, run);
  const known = { mask: before?.mask, box: box ?? own ?? boxOf([0, 0, image.width, image.height]) };
  const ranked = await rank(parts, seen, features, heads, known, run);
  const patch = ranked[0] ?? 0;
  const prompts = decoderPrompts(parts, features, box, mask);
  const drawn = await decodePatches(parts.decoder, features, heads.maskEmbeddings, [patch], prompts, run);
  const label = await chooseName({ ...parts, ...heads, ranked, instruction, old }, name, run);
  const map = objectnessMap(seen, heads.objectness);
  const evidence = { map, patch: patchAt(patch, map) };
  const [area = 0, found, bbox] = [drawn.areas[0], drawn.masks[0], drawn.boxes[0]];
  if (found === undefined || bbox === undefined) throw new Error('The mask decoder gave no mask.');
  if (area === 0 && old !== undefined) return { ...old, label, evidence };
  return { label, score: old?.score ?? map.values[patch] ?? 0, bbox, area, mask: found, evidence };
}

/** The patches that may answer, the best first. */
async function rank(
  { preset, decoder }: TurnParts,
  { rows, columns, transform }: FeatureMap<'ClipPx'>,
  features: FeatureMap,
  { objectness, maskEmbeddings }: Heads,
  known: Known,
  run: RunContext,
): Promise<readonly number[]> {
  const candidates = candidatePatches(known.box, { rows, columns, transform });
  const ranked = rankPatches(candidates, objectness).slice(0, preset.asked);
  if (!preset.fit || ranked.length < 2) return ranked;
  const masks = await decodePatches(decoder, features, maskEmbeddings, ranked, {}, run);
  const chances = ranked.map((patch) => sigmoid(objectness[patch] ?? -Infinity));
  return rankByFit(ranked, chances, masks, known);
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

interface Heads {
  /** Logits, one per patch. */
  readonly objectness: Float32Array;
  readonly maskEmbeddings: Tensor;
  readonly categoryEmbeddings: Tensor;
}

async function analyze(session: ModelSession, states: FeatureMap, run: RunContext): Promise<Heads> {
  const rows = localTensor([states.rows * states.columns, states.width], await states.tensor.read());
  const outputs = ['objectness', 'mask_embeddings', 'category_embeddings'] as const;
  const given = await session.run({ states: rows }, { outputs, scope: run.scope, signal: run.signal });
  const [objectness, maskEmbeddings, categoryEmbeddings] = outputs.map((output) => given[output]);
  if (objectness === undefined || maskEmbeddings === undefined || categoryEmbeddings === undefined)
    throw new Error(`Model ${session.id} did not give ${outputs.join(', ')}.`);
  return { objectness: await objectness.read(), maskEmbeddings, categoryEmbeddings };
}

function boxOf([x, y, width, height]: Segment['bbox']): Box<'ImagePx'> {
  return { frame: 'ImagePx', x, y, width, height };
}

/** Objectness of every patch, over the part of the image, and of what lies around it, that the tower sees. */
function objectnessMap({ rows, columns, transform }: FeatureMap<'ClipPx'>, logits: Float32Array): ScoreMap {
  const { input, offsetX, offsetY, scaleX, scaleY } = transform;
  const covers = [offsetX / scaleX, offsetY / scaleY, input.width / scaleX, input.height / scaleY] as const;
  return { kind: 'objectness', rows, columns, values: logits.map(sigmoid), covers };
}

function patchAt(
  patch: number,
  { rows, columns, values, covers: [x, y, width, height] }: ScoreMap,
): PatchEvidence {
  const [row, column] = [Math.floor(patch / columns), patch % columns];
  const [w, h] = [width / columns, height / rows];
  return { row, column, objectness: values[patch] ?? 0, box: [x + column * w, y + row * h, w, h] };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
