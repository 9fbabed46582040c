import type { DType } from './tensor.js';

const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
};

/** Size in bytes of a tensor's values. */
export function tensorBytes(tensor: { readonly dtype: DType; readonly dims: readonly number[] }): number {
  return tensor.dims.reduce((product, length) => product * length, BYTES[tensor.dtype]);
}
