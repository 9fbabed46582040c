import {
  MaskloomError,
  type FeatureMap,
  type ModelSession,
  type RunContext,
  type Tensor,
} from '@maskloom/core';
import type { CausalDecoder } from './causal-decoder.js';
import type { KeyValueCache } from './key-value-cache.js';

/** What reading images needs. */
export interface ImageReader {
  readonly projector: ModelSession;
  readonly decoder: CausalDecoder;
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
 * Reads the prompt's prefix and the image tokens. The image tokens have a call of their own, so that its states
 * are exactly those right after `<im_start>` and never leave the model's memory.
 * @param prefix - ids before the image tokens, ending in `<im_start>`
 * @throws MaskloomError `VALUE_INVALID` when the features are not the tokens that the model reads
 */
export async function readImage(
  reader: ImageReader,
  prefix: readonly number[],
  features: FeatureMap,
  run: RunContext,
): Promise<ReadImage> {
  const { projector, decoder } = reader;
  const imageTokens = tokensOf(features, reader.imageTokens);
  const opening = await decoder.step(
    await decoder.embed(prefix, run),
    prefix.length,
    decoder.emptyCache(),
    ['cache'],
    run,
  );
  const feeds = { patch_features: features.tensor };
  const { image_tokens } = await projector.run(feeds, { scope: run.scope, signal: run.signal });
  if (image_tokens === undefined) throw new Error(`Model ${projector.id} gave no output 'image_tokens'.`);
  const { hidden, cache } = await decoder.step(
    image_tokens,
    imageTokens,
    opening.cache,
    ['hidden_states', 'cache'],
    run,
  );
  if (hidden === undefined) throw new Error('The language model gave no image states.');
  opening.cache.release();
  image_tokens.release();
  return { states: hidden, cache };
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
