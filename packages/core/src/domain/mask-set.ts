import type { RleMask } from '@maskloom/masks';
import type { ImageTransform, Size } from './frames.js';
import type { ScoreMap } from './score-map.js';

/** N masks of one image, compact; never N dense full-size arrays. */
export interface MaskSet {
  /** Size of the original image in pixels. */
  readonly image: Size;
  /** One mask of that size each. */
  readonly masks: readonly RleMask[];
}

/** N low-resolution mask logits as a decoder gives them, with the way back to the image. */
export interface DecodedMasks {
  /** Row-major [N, height, width], logits; mask = logit > 0 after resizing. */
  readonly logits: Float32Array;
  /** N, the number of masks. */
  readonly count: number;
  /** Rows of each mask. */
  readonly height: number;
  /** Columns of each mask. */
  readonly width: number;
  /** Predicted IoU of each mask, length N, about 0..1. */
  readonly quality: Float32Array;
  /** How the image became the decoder's frame. */
  readonly transform: ImageTransform<'SamPx'>;
  /**
   * The similarity of each mask's embedding prompt with the image as the decoder's last layer sees both, length N; of stages
   * that give the signal `decoder-similarity`. `undefined` for a mask that had no embedding.
   */
  readonly similarity?: readonly (ScoreMap | undefined)[];
  /** True when these are the survivors, best first, of the assembler that they are given to: it suppresses none again. */
  readonly survived?: boolean;
}
