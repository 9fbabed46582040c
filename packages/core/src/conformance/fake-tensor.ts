import { MaskloomError } from '@maskloom/masks';
import type { DType, HostDType, HostTensor, Tensor } from '../domain/tensor.js';
import { hostTensor, type DTypeArrays } from '../domain/host-tensor.js';

/** Counts live tensors of a fake host. */
export interface LiveCount {
  /** Made and not yet released. */
  live: number;
}

/** A tensor handle whose values lie in this thread's memory; behaves as a real one when released. */
export class FakeTensor implements Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  #values: HostTensor | undefined;
  readonly #count: LiveCount;

  constructor(values: HostTensor, count: LiveCount = { live: 0 }) {
    this.dtype = values.dtype;
    this.dims = values.dims;
    this.#values = values;
    this.#count = count;
    count.live++;
  }

  /** @throws MaskloomError TENSOR_RELEASED after release */
  async read(): Promise<Float32Array> {
    return Float32Array.from(this.values().data as Iterable<number | bigint>, Number);
  }

  /**
   * The values, not copied.
   * @throws MaskloomError TENSOR_RELEASED after release
   */
  values(): HostTensor {
    if (this.#values !== undefined) return this.#values;
    throw new MaskloomError(
      'TENSOR_RELEASED',
      `A ${this.dtype} tensor [${this.dims.join(', ')}] was used after its release.`,
      {
        where: 'FakeTensor',
      },
    );
  }

  release(): void {
    if (this.#values === undefined) return;
    this.#values = undefined;
    this.#count.live--;
  }
}

/**
 * A tensor handle for tests.
 * @param dims - axis lengths; the values must fill them
 * @throws MaskloomError VALUE_INVALID
 */
export function fakeTensor<D extends HostDType>(
  dtype: D,
  dims: readonly number[],
  data: DTypeArrays[D],
): Tensor {
  return new FakeTensor(hostTensor(dtype, dims, data));
}
