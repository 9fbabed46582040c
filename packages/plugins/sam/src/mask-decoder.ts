import { z } from 'zod';
import {
  defineStage,
  MaskDecoder,
  MaskloomError,
  throwIfAborted,
  type DecodedMasks,
  type FeatureMap,
  type MaskPrompt,
  type ModelSession,
  type RunContext,
  type StageFactory,
  type Tensor,
} from '@maskloom/core';
import { checkKinds } from './check-kinds.js';
import { promptFeeds } from './decoder-feeds.js';
import { readSamPreset, type SamPreset } from './preset.js';
import { groupPrompts, type PromptGroup } from './prompt-groups.js';

const options = z.object({
  multimask: z
    .boolean()
    .default(false)
    .describe(
      "Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask.",
    ),
});

/** Options of {@link samMaskDecoder}. */
export interface SamMaskDecoderOptions {
  /** Give the best of SAM's three ambiguity-aware masks by predicted IoU, instead of its single mask; default false. */
  readonly multimask?: boolean | undefined;
}

/**
 * SAM's prompt encoder and mask decoder: points, box, previous mask and prompt embeddings in any mix. Prompts
 * of one structure (number of points, box, previous mask, number of embeddings) are one model call.
 */
export const samMaskDecoder: StageFactory<
  'MaskDecoder',
  z.ZodType<unknown, SamMaskDecoderOptions | undefined>,
  'mask-features',
  'mask-logits'
> = defineStage({
  slot: MaskDecoder,
  name: 'sam/mask-decoder',
  summary: 'SAM prompt encoder and mask decoder; any mix of points, box, previous mask and embeddings.',
  options,
  needs: ['mask-features'],
  gives: ['mask-logits'],
  async create({ multimask }, { models }) {
    const preset = readSamPreset(models);
    const session = await models.model('samDecoder');
    return {
      embeddingWidth: preset.embedDim,
      widths: { features: preset.embedDim, embedding: preset.embedDim },
      device: session.device,
      decode: (
        features: FeatureMap,
        prompts: readonly MaskPrompt[],
        run: RunContext,
        which: 'one' | 'every' = 'one',
      ) =>
        decode(
          session,
          preset,
          which === 'every' ? 'every' : multimask ? 'best' : 'single',
          features,
          prompts,
          run,
        ),
    };
  },
});

/** Mask 0 is the single-mask output; the ambiguity-aware ones follow: the best of these, or every one. */
type Wanted = 'single' | 'best' | 'every';

async function decode(
  session: ModelSession,
  preset: SamPreset,
  wanted: Wanted,
  features: FeatureMap,
  prompts: readonly MaskPrompt[],
  run: RunContext,
): Promise<DecodedMasks> {
  const transform = samTransform(features);
  const side = preset.maskSize;
  let logits = new Float32Array(wanted === 'every' ? 0 : prompts.length * side * side);
  let quality = new Float32Array(wanted === 'every' ? 0 : prompts.length);
  checkKinds(prompts, preset);
  const finer = finerLevels(session, features);
  const groups = groupPrompts(prompts, preset.padAfterBox);
  for (const [g, group] of groups.entries()) {
    throwIfAborted(run.signal, 'mask decoder');
    const feeds = { image_embeddings: features.tensor, ...finer, ...(await promptFeeds(group, preset)) };
    const { masks, iou } = await session.run(feeds, {
      outputs: ['masks', 'iou'],
      scope: run.scope,
      signal: run.signal,
    });
    if (masks === undefined || iou === undefined) throw missingOutput(session);
    const [maskValues, iouValues] = await Promise.all([masks.read(), iou.read()]);
    masks.release();
    iou.release();
    // How many masks a prompt has shows with the first call.
    const perPrompt = wanted === 'every' ? Math.max(1, iouValues.length / group.members.length - 1) : 1;
    if (quality.length !== prompts.length * perPrompt) {
      logits = new Float32Array(prompts.length * perPrompt * side * side);
      quality = new Float32Array(prompts.length * perPrompt);
    }
    scatter(group, maskValues, iouValues, wanted, side * side, logits, quality);
    run.progress((g + 1) / groups.length);
  }
  return { logits, count: quality.length, height: side, width: side, quality, transform };
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

/** Copies the wanted masks of each member of a group to their places in the caller's order. */
function scatter(
  group: PromptGroup,
  masks: Float32Array,
  iou: Float32Array,
  wanted: Wanted,
  size: number,
  logits: Float32Array,
  quality: Float32Array,
): void {
  const perPrompt = iou.length / group.members.length;
  group.members.forEach(({ index }, n) => {
    const scores = iou.subarray(n * perPrompt, (n + 1) * perPrompt);
    const chosen = chosenMasks(scores, wanted);
    chosen.forEach((mask, m) => {
      const [from, to] = [n * perPrompt + mask, index * chosen.length + m];
      logits.set(masks.subarray(from * size, (from + 1) * size), to * size);
      quality[to] = scores[mask] ?? 0;
    });
  });
}

function chosenMasks(scores: Float32Array, wanted: Wanted): readonly number[] {
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
