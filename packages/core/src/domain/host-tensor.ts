import { MaskloomError } from '@maskloom/masks';
import type { HostDType, HostTensor } from './tensor.js';

/** The typed array of each element type. */
export interface DTypeArrays {
  /** Single precision. */
  float32: Float32Array;
  /** Whole numbers, as ids are. */
  int64: BigInt64Array;
  /** Bytes. */
  uint8: Uint8Array;
  /** Truth values as bytes 0 and 1. */
  bool: Uint8Array;
}

const ARRAYS = { float32: Float32Array, int64: BigInt64Array, uint8: Uint8Array, bool: Uint8Array } as const;

/**
 * Values of this thread, ready to be fed to a model.
 * @param dtype - element type
 * @param dims - axis lengths, outermost first; a length may be 0
 * @param data - row-major values; not copied
 * @throws MaskloomError VALUE_INVALID when the array is of another type or length
 */
export function hostTensor<D extends HostDType>(
  dtype: D,
  dims: readonly number[],
  data: DTypeArrays[D],
): HostTensor {
  const length = dims.reduce((product, axis) => product * axis, 1);
  const whole = dims.every((axis) => Number.isInteger(axis) && axis >= 0);
  if (whole && data instanceof ARRAYS[dtype] && data.length === length)
    return { dtype, dims: [...dims], data };
  throw new MaskloomError(
    'VALUE_INVALID',
    `A ${dtype} tensor of [${dims.join(', ')}] cannot hold ${data.length} values of ${data.constructor.name}.`,
    {
      where: 'hostTensor',
      hint: `Give a ${ARRAYS[dtype].name} of ${length} values.`,
    },
  );
}
