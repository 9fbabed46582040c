import type { Frame, ImageTransform } from './frames.js';
import type { Tensor } from './tensor.js';

/** What an encoder made of one image, with the geometry that leads back to its pixels. */
export interface FeatureMap<F extends Frame = Frame> {
  /** Which space the features live in, e.g. `sam`, `clip`, `llava-tokens`; equal names are comparable. */
  readonly space: string;
  /** `grid`: tensor is [1, width, rows, columns]. `tokens`: tensor is [1, rows * columns, width], row-major, no class token. */
  readonly layout: 'grid' | 'tokens';
  readonly tensor: Tensor;
  /** Channels per cell or token. */
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
  readonly transform: ImageTransform<F>;
}
