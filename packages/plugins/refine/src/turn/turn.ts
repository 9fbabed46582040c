import {
  decodeMask,
  localTensor,
  maskArea,
  resolveMasks,
  toFrame,
  type Box,
  type DenseMask,
  type FeatureMap,
  type ImageFrame,
  type ImageTransform,
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
import { rankPatches } from './rank-patches.js';
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
 * mask's box) the one with the highest objectness answers with a mask embedding, decoded by SAM, and a category
 * embedding, decoded to a name. An empty answer leaves the previous mask.
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
  const mask = old === undefined || old.area === 0 ? undefined : decodeMask(old.mask);
  const own = mask === undefined || old === undefined ? undefined : boxOf(old.bbox);
  const features = await seeWithMask(parts.tower, image, mask, box, own, run);
  const words = wording(parts.preset, situation, parts.phrasing, wrong);
  const { imageStates } = await parts.language.read(features, run, { text: words });
  const { rows, columns } = imageStates;
  const { transform } = features;
  const heads = await analyze(parts.analyzer, imageStates, run);
  const whole: Box<'ImagePx'> = { frame: 'ImagePx', x: 0, y: 0, width: image.width, height: image.height };
  const ranked = rankPatches(
    candidatePatches(box ?? own ?? whole, { rows, columns, transform }),
    heads.objectness,
  );
  const patch = ranked[0] ?? 0;
  const decoded = await decode(parts, image, { patch, box, mask, embeddings: heads.maskEmbeddings }, run);
  const label = await chooseName({ ...parts, ...heads, ranked, instruction, old }, name, run);
  const score = old?.score ?? sigmoid(heads.objectness[patch] ?? 0);
  const map: ScoreMap = {
    kind: 'objectness',
    rows,
    columns,
    values: heads.objectness.map(sigmoid),
    covers: coveredBy(transform),
  };
  const evidence = { map, patch: patchAt(patch, map) };
  if (decoded.area === 0 && old !== undefined) return { ...old, label, evidence };
  return { label, score, ...decoded, evidence };
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

interface MaskQuestion {
  readonly patch: number;
  readonly box: Box<'ImagePx'> | undefined;
  readonly mask: DenseMask | undefined;
  /** [patches, width]. */
  readonly embeddings: Tensor;
}

async function decode(
  { preset, encoder, decoder, maskSide }: TurnParts,
  image: ImageFrame,
  { patch, box, mask, embeddings }: MaskQuestion,
  run: RunContext,
): Promise<Pick<Segment, 'mask' | 'area' | 'bbox'>> {
  const features = await encoder.encode(image, run);
  const transform = features.transform as FeatureMap<'SamPx'>['transform'];
  const width = embeddings.dims[1] ?? 0;
  const row = (await embeddings.read()).slice(patch * width, (patch + 1) * width);
  const prompt: MaskPrompt = {
    embedding: { tensor: localTensor([1, 1, width], row), row: 0 },
    ...(box === undefined || !preset.boxPrompt ? {} : { box: toFrame(box, transform) }),
    ...(mask === undefined || !preset.maskPrompt ? {} : { mask: previousLogits(mask, transform, maskSide) }),
  };
  const { masks, areas, boxes } = resolveMasks(await decoder.decode(features, [prompt], run));
  const [found] = masks;
  if (found === undefined) throw new Error('The mask decoder gave no mask.');
  return { mask: found, area: areas[0] ?? maskArea(found), bbox: boxes[0] ?? [0, 0, 0, 0] };
}

function boxOf([x, y, width, height]: Segment['bbox']): Box<'ImagePx'> {
  return { frame: 'ImagePx', x, y, width, height };
}

/** The part of the image, and of what lies around it, that the tower's input shows. */
function coveredBy({
  input,
  offsetX,
  offsetY,
  scaleX,
  scaleY,
}: ImageTransform<'ClipPx'>): ScoreMap['covers'] {
  return [offsetX / scaleX, offsetY / scaleY, input.width / scaleX, input.height / scaleY];
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
