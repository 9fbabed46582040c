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
  /** True where the caller gives the array away: nobody uses it after the call, and a host may move it instead of copying it. */
  readonly givenAway?: boolean;
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
 * A handle that a model is fed several times over along the first axis, which must be 1: a key-value cache of one
 * sequence for many that begin alike. Copied where the model runs, for the length of the call.
 */
export interface RepeatedTensor {
  /** [1, ...] */
  readonly repeated: Tensor;
  /** How often; at least 1. */
  readonly times: number;
}

/** What an input of a model is fed. */
export type Feed = TensorLike | RepeatedTensor;

/**
 * Tells a handle from host values.
 * @param value - either kind
 */
export function isTensorHandle(value: Feed): value is Tensor {
  return 'read' in value;
}

/**
 * Tells a handle that is repeated from anything else that is fed.
 * @param value - any kind
 */
export function isRepeated(value: Feed): value is RepeatedTensor {
  return 'repeated' in value;
}
