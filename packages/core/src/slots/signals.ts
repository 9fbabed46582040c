import type { FeatureMap } from '../domain/feature-map.js';
import type { Box, PointSet } from '../domain/frames.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { DecodedMasks } from '../domain/mask-set.js';
import type { Segment } from '../domain/prediction.js';
import type { Tensor } from '../domain/tensor.js';
import type { NamedCategory } from './category-generator.js';
import type { ScoreSession } from './cost-aggregator.js';
import type { FusedFeatures } from './feature-fuser.js';
import type { EmbeddingRow } from './mask-decoder.js';
import type { TextEmbeddings } from './text-embedder.js';
import type { TilePlan } from './tiler.js';

/**
 * What can flow between stages, with the value that stands for it in the stages' calls. A stage needs some signals and
 * gives others; a recipe says which it supplies to each slot and which it demands from it. This is what makes a wrong
 * swap a compile error. A package adds signals of its own by declaration merging:
 *
 * @example
 * declare module '@maskloom/core' {
 *   interface Signals { 'depth-map': DepthMap }
 * }
 */
export interface Signals {
  /** The picture itself. */
  image: ImageFrame;
  /** Features that masks are decoded from. */
  'mask-features': FeatureMap;
  /** What a vision tower makes for a language model. */
  'vision-tokens': FeatureMap;
  /** A language model's last-layer states of the image tokens. */
  'image-states': FeatureMap;
  /** The state that emitted a watched token, [1, hidden]. */
  'query-state': Tensor;
  /** What a language model wrote. */
  text: string;
  /** A prompt embedding of the mask decoder. */
  'embedding-prompt': EmbeddingRow;
  /** Labelled points: in the image where a prompter gives them, in the decoder's frame where it takes them. */
  'point-prompt': PointSet<'ImagePx'> | PointSet<'SamPx'>;
  /** A box in the decoder's frame. */
  'box-prompt': Box<'SamPx'>;
  /** Low-resolution logits of an earlier mask. */
  'mask-prompt': Float32Array;
  /** Objectness 0..1 of every patch. */
  'patch-scores': Float32Array;
  /** One embedding per thing to name, [N, width]. */
  'category-embedding': Tensor;
  /** Decoded masks before they are segments. */
  'mask-logits': DecodedMasks;
  /** For each decoded mask, the similarity of its prompt with the decoder's own image tokens: `similarity` of the masks. */
  'decoder-similarity': NonNullable<DecodedMasks['similarity']>;
  /** One name per thing. */
  names: readonly NamedCategory[];
  /** The views of an image. */
  views: TilePlan;
  /** Text-aligned features of a view. */
  'dense-features': FeatureMap;
  /** Features that texts are compared with. */
  'fused-features': FusedFeatures;
  /** One vector per class. */
  'text-embedding': TextEmbeddings;
  /** Scores per class, place and view. */
  'class-scores': ScoreSession;
  /** Names to choose from. */
  candidates: readonly string[];
  /** For each class, sentences about it. */
  descriptions: readonly (readonly string[])[];
  /** The result. */
  segments: readonly Segment[];
}

/** The name of a signal. */
export type Signal = keyof Signals;
