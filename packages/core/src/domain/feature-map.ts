import type { Frame, ImageTransform } from './frames.js';
import type { Tensor } from './tensor.js';

/** What an encoder made of one image, with the geometry that leads back to its pixels. */
export interface FeatureMap<F extends Frame = Frame> {
  /** Which space the features live in, e.g. `sam`, `clip`, `llava-tokens`; equal names are comparable. */
  readonly space: string;
  /** `grid`: tensor is [1, width, rows, columns]. `tokens`: tensor is [1, rows * columns, width], row-major, no class token. */
  readonly layout: 'grid' | 'tokens';
  /** The values, float32, in the shape that `layout` says. */
  readonly tensor: Tensor;
  /** Intermediate features of the same tower, shallow first, [1, rows * columns, their width]. */
  readonly taps?: readonly Tensor[];
  /** Channels per cell or token. */
  readonly width: number;
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Cells from left to right. */
  readonly columns: number;
  /** How the image became the input that the grid covers. */
  readonly transform: ImageTransform<F>;
  /**
   * Where an encoder gives features before its model has made them: when they are there, or why they never will be. They can be
   * used at once; a model that is fed them, and whoever reads them, waits.
   */
  readonly ready?: Promise<void>;
}
