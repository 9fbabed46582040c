import type { FeatureMap } from '../domain/feature-map.js';
import type { Box, PointSet } from '../domain/frames.js';
import type { DecodedMasks } from '../domain/mask-set.js';
import type { Tensor } from '../domain/tensor.js';
import type { RunContext, Stage } from './stage.js';

/** One row of a tensor of prompt embeddings. */
export interface EmbeddingRow {
  /** [N, E, width]. */
  readonly tensor: Tensor;
  /** 0..N-1. */
  readonly row: number;
}

/** One mask to decode: any mix of prompts, at least one of them. */
export interface MaskPrompt {
  /** In SAM's resized frame (use `toFrame` with the features' transform). */
  readonly points?: PointSet<'SamPx'>;
  /** In SAM's resized frame. */
  readonly box?: Box<'SamPx'>;
  /** Prompt embedding(s), [E, decoder width]: row `row` of a [N, E, width] tensor when `row` is given. */
  readonly embedding?: EmbeddingRow;
  /** Low-resolution logits of an earlier mask, [maskSize, maskSize] row-major. */
  readonly mask?: Float32Array;
}

/** Features and prompts to mask logits and quality. */
export interface MaskDecoder extends Stage {
  /** Width of an embedding prompt. */
  readonly embeddingWidth: number;
  /**
   * Decodes all prompts; prompts of one structure go through one model call.
   * @param which - `one` mask a prompt when absent. `every`: all that the decoder has for an ambiguous prompt, the same
   * number M for each, those of a prompt together; a decoder that has but one gives that
   * @returns N masks in the order of `prompts` (the single-mask output); N * M where every mask is asked for
   */
  decode(
    features: FeatureMap,
    prompts: readonly MaskPrompt[],
    run: RunContext,
    which?: 'one' | 'every',
  ): Promise<DecodedMasks>;
}
