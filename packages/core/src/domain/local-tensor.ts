import { MaskloomError } from '@maskloom/masks';
import { hostTensor } from './host-tensor.js';
import type { Tensor } from './tensor.js';

/**
 * A handle to float32 values of this thread: for stages written in TypeScript that give tensors. Models can be fed it;
 * the values travel by copy.
 * @param dims - axis lengths, outermost first
 * @param data - row-major values; not copied, so not to be changed
 * @throws MaskloomError VALUE_INVALID when the values do not fill the shape
 */
export function localTensor(dims: readonly number[], data: Float32Array): Tensor {
  const { dims: checked } = hostTensor('float32', dims, data);
  let released = false;
  return {
    dtype: 'float32',
    dims: Object.freeze(checked),
    read: async () => {
      if (!released) return data.slice();
      throw new MaskloomError(
        'TENSOR_RELEASED',
        `A tensor [${dims.join(', ')}] was read after its release.`,
        {
          where: 'localTensor',
        },
      );
    },
    release: () => {
      released = true;
    },
  };
}
