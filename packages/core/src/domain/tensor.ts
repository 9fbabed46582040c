/** Element types that cross a model's edge. */
export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'uint8' | 'bool';

/**
 * Element types of values in host memory. A model that takes or gives float16 or int32 is fed float32 or int64 and read
 * as such: they are converted where the model runs.
 */
export type HostDType = Exclude<DType, 'float16' | 'int32'>;

/** Values in host memory, to be fed to a model. */
export interface HostTensor {
  /** Element type. */
  readonly dtype: HostDType;
  /** Axis lengths, outermost first; row-major. A length may be 0. */
  readonly dims: readonly number[];
  /** float32: Float32Array; int64: BigInt64Array; uint8 and bool: Uint8Array. */
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/**
 * A handle to values that stay where they were made (a worker's memory, a GPU). Only `read` moves
 * them. Released by its scope, or earlier by `release`.
 */
export interface Tensor {
  /** Element type. */
  readonly dtype: DType;
  /** Axis lengths, outermost first. */
  readonly dims: readonly number[];
  /**
   * Copies the values to this thread as float32 (every other type becomes float32 too).
   * @throws MaskloomError TENSOR_RELEASED after release.
   */
  read(): Promise<Float32Array>;
  /** Gives the memory back. Releasing twice is harmless. */
  release(): void;
}

/** What a model accepts: values of this thread, or a handle. */
export type TensorLike = HostTensor | Tensor;

/**
 * Tells a handle from host values.
 * @param value - either kind
 */
export function isTensorHandle(value: TensorLike): value is Tensor {
  return 'read' in value;
}
