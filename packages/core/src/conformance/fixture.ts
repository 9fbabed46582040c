import type { FeatureMap } from '../domain/feature-map.js';
import type { ImageTransform } from '../domain/frames.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Tensor } from '../domain/tensor.js';
import { fakeImage } from './fake-image.js';
import { textOf } from './canonical.js';
import { FakeTensor, fakeTensor } from './fake-tensor.js';

/** Lengths of the synthetic inputs that a stage is called with; set those that a stage insists on. */
export interface FixtureSizes {
  /** Channels of the mask features (default 8). */
  readonly features: number;
  /** Channels of the vision encoder's tokens (default 8). */
  readonly vision: number;
  /** Width of hidden states (default 8; the stage's own `widths.hidden` when it has one). */
  readonly hidden: number;
  /** Width of embedding prompts (default 8; the stage's own `widths.embedding` when it has one). */
  readonly embedding: number;
  /** Width of embeddings in a text tower's space (default 8; the stage's own `widths.text` when it has one). */
  readonly text: number;
  /** Cells along each side of every grid (default 4). */
  readonly grid: number;
  /** Side of every model's square input in pixels (default 64). */
  readonly input: number;
  /** Side of low-resolution masks (default 16). */
  readonly mask: number;
}

/** The sizes used when nothing says otherwise. */
export const DEFAULT_SIZES: FixtureSizes = {
  features: 8,
  vision: 8,
  hidden: 8,
  embedding: 8,
  text: 8,
  grid: 4,
  input: 64,
  mask: 16,
};

/** Makes a tensor that the stage's model host understands. */
export type TensorMaker = (dims: readonly number[], data: Float32Array) => Tensor;

/** Synthetic inputs around one image; remembers all it made, so that changes to them can be seen. */
export class Fixture {
  /** The image that everything is about. */
  readonly image: ImageFrame;
  /** The lengths in use. */
  readonly sizes: FixtureSizes;
  readonly #made: { readonly value: unknown; readonly before: string }[] = [];
  readonly #tensor: TensorMaker;

  constructor(width: number, height: number, sizes: FixtureSizes, tensor?: TensorMaker) {
    this.image = fakeImage(width, height);
    this.sizes = sizes;
    this.#tensor = tensor ?? ((dims, data) => fakeTensor('float32', dims, data));
    this.keep(this.image);
  }

  /** Remembers a value. */
  keep<T>(value: T): T {
    this.#made.push({ value, before: inMemory(value) });
    return value;
  }

  /**
   * Tells whether anything handed out has been changed since.
   * @throws MaskloomError TENSOR_RELEASED when a tensor has been released
   */
  changed(): boolean {
    return this.#made.some(({ value, before }) => inMemory(value) !== before);
  }

  /** A tensor of deterministic values, about -1..1. */
  tensor(dims: readonly number[], seed: number): Tensor {
    const length = dims.reduce((product, axis) => product * axis, 1);
    return this.keep(this.#tensor(dims, noise(length, seed)));
  }

  /** A tensor [1, channels, rows, columns] of deterministic values, of length 1 over the channels. */
  unit(dims: readonly [1, number, number, number], seed: number): Tensor {
    const [, channels, rows, columns] = dims;
    const values = noise(channels * rows * columns, seed);
    for (let cell = 0; cell < rows * columns; cell++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += (values[c * rows * columns + cell] ?? 0) ** 2;
      for (let c = 0; c < channels; c++) {
        const at = c * rows * columns + cell;
        values[at] = (values[at] ?? 0) / Math.sqrt(sum);
      }
    }
    return this.keep(this.#tensor(dims, values));
  }

  /** Mask features: layout `grid`, geometry of a resize of the longest side with padding. */
  maskFeatures(): FeatureMap<'SamPx'> {
    const { features, grid } = this.sizes;
    const tensor = this.tensor([1, features, grid, grid], 1);
    return this.keep({
      space: 'sam',
      layout: 'grid',
      tensor,
      width: features,
      rows: grid,
      columns: grid,
      transform: this.samTransform(),
    });
  }

  /** Tokens of a centre-cropped image, of the vision encoder or of the language model. */
  tokens(kind: 'vision' | 'hidden', flat = false): FeatureMap<'ClipPx'> {
    const { grid } = this.sizes;
    const width = this.sizes[kind];
    const dims = [1, grid * grid, width];
    const tensor = flat
      ? this.keep(this.#tensor(dims, new Float32Array(grid * grid * width).fill(0.25)))
      : this.tensor(dims, 2);
    const space = kind === 'vision' ? 'clip' : 'llava-tokens';
    return this.keep({
      space,
      layout: 'tokens',
      tensor,
      width,
      rows: grid,
      columns: grid,
      transform: this.clipTransform(),
    });
  }

  /** SAM's geometry: longest side to the input's side, padded right and bottom. */
  samTransform(): ImageTransform<'SamPx'> {
    const { width, height } = this.image;
    const scale = this.sizes.input / Math.max(width, height);
    const resized = { width: Math.floor(width * scale + 0.5), height: Math.floor(height * scale + 0.5) };
    return this.#transform('SamPx', resized, 0, 0);
  }

  /** CLIP's geometry: shortest side to the input's side, centre crop. */
  clipTransform(): ImageTransform<'ClipPx'> {
    const { width, height } = this.image;
    const side = this.sizes.input;
    const short = Math.min(width, height);
    const resized = {
      width: Math.floor((width * side) / short),
      height: Math.floor((height * side) / short),
    };
    return this.#transform(
      'ClipPx',
      resized,
      Math.floor((resized.width - side) / 2),
      Math.floor((resized.height - side) / 2),
    );
  }

  #transform<F extends 'SamPx' | 'ClipPx'>(
    frame: F,
    resized: ImageTransform<F>['resized'],
    offsetX: number,
    offsetY: number,
  ): ImageTransform<F> {
    const { width, height } = this.image;
    const side = this.sizes.input;
    return {
      frame,
      original: { width, height },
      resized,
      input: { width: side, height: side },
      scaleX: resized.width / width,
      scaleY: resized.height / height,
      offsetX,
      offsetY,
    };
  }
}

/** A value's text; tensors of real hosts count by their shape alone, as this thread cannot change them. */
function inMemory(value: unknown): string {
  return textOf(value, (tensor) =>
    tensor instanceof FakeTensor ? Array.from(tensor.values().data, String) : null,
  );
}

/** Deterministic values in -1..1 (a linear congruential sequence, Numerical Recipes' constants). */
export function noise(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
