import {
  MaskloomError,
  throwIfAborted,
  type DecodedMasks,
  type FeatureMap,
  type MaskPrompt,
  type ModelSession,
  type RunContext,
  type ScoreMap,
  type Tensor,
} from '@maskloom/core';
import { checkKinds } from './check-kinds.js';
import { promptFeeds } from './decoder-feeds.js';
import type { SamPreset } from './preset.js';
import { groupPrompts, type PromptGroup } from './prompt-groups.js';
import { tokenSimilarity, type ComparedToken } from './token-similarity.js';

/** What is decoded with, and what is wanted of it. */
export interface Decoding {
  readonly session: ModelSession;
  readonly preset: SamPreset;
  /** Mask 0 is the single-mask output; the ambiguity-aware ones follow: the best of these, or every one. */
  readonly wanted: 'single' | 'best' | 'every';
  /** Compare this token of each prompt with the image's cells, too. */
  readonly token?: ComparedToken | undefined;
}

/**
 * Decodes prompts, those of one structure in one call.
 * @returns masks in the order of the prompts; with `token` a similarity map for each prompt, but not for every mask of it
 * @throws MaskloomError `VALUE_INVALID` on features or prompts that do not fit
 */
export async function decodeMasks(
  { session, preset, wanted, token }: Decoding,
  features: FeatureMap,
  prompts: readonly MaskPrompt[],
  run: RunContext,
): Promise<DecodedMasks> {
  const transform = samTransform(features);
  const side = preset.maskSize;
  let logits: Float32Array = new Float32Array();
  let quality = new Float32Array();
  checkKinds(prompts, preset);
  const finer = finerLevels(session, features);
  const groups = groupPrompts(prompts, preset.padAfterBox);
  const similarity: (ScoreMap | undefined)[] = prompts.map(() => undefined);
  for (const [g, group] of groups.entries()) {
    throwIfAborted(run.signal, 'mask decoder');
    const feeds = { image_embeddings: features.tensor, ...finer, ...(await promptFeeds(group, preset)) };
    // What an embedding has become can be compared only where there is one.
    const compared = token === 'released' || group.embeddings > 0 ? token : undefined;
    const outputs = ['masks', 'iou', ...(compared === undefined ? [] : ['tokens', 'image_tokens'])];
    // The others need not come here.
    const first = wanted === 'single' ? { masks: 1 } : {};
    const {
      masks,
      iou,
      tokens,
      image_tokens: cells,
    } = await session.run(feeds, {
      outputs,
      read: outputs,
      first,
      scope: run.scope,
      signal: run.signal,
    });
    if (masks === undefined || iou === undefined) throw missingOutput(session);
    if (compared !== undefined && tokens !== undefined && cells !== undefined) {
      const [count = 0, length = 0, width = 0] = tokens.dims;
      const maps = tokenSimilarity(
        { tokens: await tokens.read(), cells: await cells.read(), dims: [count, length, width] },
        features,
        compared,
      );
      group.members.forEach(({ index }, n) => (similarity[index] = maps[n]));
      tokens.release();
      cells.release();
    }
    const [maskValues, iouValues] = await Promise.all([masks.read(), iou.read()]);
    const came = { masks: maskValues, each: masks.dims[1] ?? 1, iou: iouValues };
    masks.release();
    iou.release();
    // How many masks a prompt has shows with the first call.
    const perPrompt = wanted === 'every' ? Math.max(1, iouValues.length / group.members.length - 1) : 1;
    if (quality.length !== prompts.length * perPrompt) {
      // Where one call gave one mask for each prompt, they are in place already.
      const inPlace = groups.length === 1 && perPrompt === 1 && came.each === 1;
      logits = inPlace ? maskValues : new Float32Array(prompts.length * perPrompt * side * side);
      quality = new Float32Array(prompts.length * perPrompt);
    }
    scatter(group, came, wanted, side * side, logits, quality);
    run.progress((g + 1) / groups.length);
  }
  const shape = { count: quality.length, height: side, width: side };
  return {
    logits,
    ...shape,
    quality,
    transform,
    ...(token !== undefined && wanted !== 'every' && { similarity }),
  };
}

/** SAM 2's decoder takes the encoder's finer levels too. */
function finerLevels(session: ModelSession, { taps = [] }: FeatureMap): Readonly<Record<string, Tensor>> {
  const names = session.inputs.map((port) => port.name).filter((name) => /^high_res_\d+$/.test(name));
  if (names.length > taps.length) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `The mask decoder reads ${names.length} finer levels, the features have ${taps.length}.`,
      {
        where: 'sam/mask-decoder',
        hint: 'Use the encoder of the same bundle.',
      },
    );
  }
  return Object.fromEntries(names.sort().map((name, i) => [name, taps[i] as Tensor]));
}

/** What one call gave: `each` masks and at least as many qualities for each prompt. */
interface Came {
  readonly masks: Float32Array;
  readonly each: number;
  readonly iou: Float32Array;
}

/** Copies the wanted masks of each member of a group to their places in the caller's order. */
function scatter(
  group: PromptGroup,
  { masks, each, iou }: Came,
  wanted: Decoding['wanted'],
  size: number,
  logits: Float32Array,
  quality: Float32Array,
): void {
  const perPrompt = iou.length / group.members.length;
  group.members.forEach(({ index }, n) => {
    const scores = iou.subarray(n * perPrompt, (n + 1) * perPrompt);
    const chosen = chosenMasks(scores, wanted);
    chosen.forEach((mask, m) => {
      const [from, to] = [n * each + mask, index * chosen.length + m];
      if (masks !== logits) logits.set(masks.subarray(from * size, (from + 1) * size), to * size);
      quality[to] = scores[mask] ?? 0;
    });
  });
}

function chosenMasks(scores: Float32Array, wanted: Decoding['wanted']): readonly number[] {
  const ambiguous = Array.from({ length: scores.length - 1 }, (_, i) => i + 1);
  if (wanted === 'single' || ambiguous.length === 0) return [0];
  if (wanted === 'every') return ambiguous;
  return [ambiguous.reduce((best, i) => ((scores[i] ?? 0) > (scores[best] ?? 0) ? i : best))];
}

function samTransform(features: FeatureMap): DecodedMasks['transform'] {
  if (features.transform.frame === 'SamPx') return features.transform as DecodedMasks['transform'];
  throw new MaskloomError(
    'VALUE_INVALID',
    `The mask features are in frame ${features.transform.frame}, not SamPx.`,
    {
      where: 'sam/mask-decoder',
      hint: "Decode from features of SAM's encoder.",
    },
  );
}

function missingOutput(session: ModelSession): Error {
  return new Error(`Model ${session.id} gave no masks.`);
}
