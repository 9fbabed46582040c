import type { DType, HostDType } from '@maskloom/core';

/** The type as which values of an element type travel. */
export function hostDType(dtype: DType): HostDType {
  if (dtype === 'float16') return 'float32';
  return dtype === 'int32' ? 'int64' : dtype;
}
