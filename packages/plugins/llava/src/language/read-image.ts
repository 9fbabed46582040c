import {
  MaskloomError,
  type FeatureMap,
  type ModelSession,
  type RunContext,
  type Tensor,
} from '@maskloom/core';
import type { CausalDecoder, DecoderStep, Piece } from './causal-decoder.js';
import type { KeyValueCache } from './key-value-cache.js';
import type { PromptOpening } from './prompt-opening.js';

/** The projector's output. */
const IMAGE_TOKENS = 'image_tokens';

/** What reading images needs. */
export interface ImageReader {
  readonly projector: ModelSession;
  readonly decoder: CausalDecoder;
  /** What stands before the image. */
  readonly opening: PromptOpening;
  /** Tokens of every image; absent where each has its own number. */
  readonly imageTokens?: number | undefined;
}

/** An image that the language model has read. */
export interface ReadImage {
  /** Final-norm states of the image tokens, [1, L, hidden]. */
  readonly states: Tensor;
  /** Keys and values of the prefix and the image. */
  readonly cache: KeyValueCache;
}

/**
 * Reads the prompt's prefix, where that was not read before, the image tokens, and what follows them, in one message. The image
 * tokens have a call of their own, so that its states are exactly those right after `<im_start>` and never leave the model's
 * memory.
 * @param prefix - ids before the image tokens, ending in `<im_start>`
 * @param pieces - what follows the image
 * @param compared - whether the values of the image's states are read here
 * @returns the image, and a step for each piece
 * @throws MaskloomError `VALUE_INVALID` when the features are not the tokens that the model reads
 */
export async function readImage(
  reader: ImageReader,
  prefix: readonly number[],
  features: FeatureMap,
  pieces: readonly Piece[],
  compared: boolean,
  run: RunContext,
): Promise<{ readonly image: ReadImage; readonly steps: readonly DecoderStep[] }> {
  const { projector, decoder } = reader;
  const imageTokens = tokensOf(features, reader.imageTokens);
  const opening = await reader.opening.get(prefix, decoder, run);
  const embeds = { call: 0, output: IMAGE_TOKENS };
  const [read, ...steps] = await decoder.steps(
    [{ embeds, count: imageTokens, wanted: ['hidden_states', 'cache'], read: compared }, ...pieces],
    opening,
    run,
    { first: { session: projector, feeds: { patch_features: features.tensor }, outputs: [] } },
  );
  if (read?.hidden === undefined) throw new Error('The language model gave no image states.');
  return { image: { states: read.hidden, cache: read.cache }, steps };
}

/** @throws MaskloomError VALUE_INVALID when they are not those that the model reads, or not as many as the grid says */
function tokensOf(features: FeatureMap, expected: number | undefined): number {
  const tokens = features.rows * features.columns;
  if (features.layout === 'tokens' && tokens === (expected ?? features.tensor.dims[1])) return tokens;
  throw new MaskloomError(
    'VALUE_INVALID',
    `The language model reads ${expected ?? features.tensor.dims[1] ?? 0} image tokens; the vision encoder gave a ${features.layout} of ${tokens}.`,
    {
      where: 'llava/language-model',
      hint: 'Use the vision tower that this language model was trained with.',
    },
  );
}
