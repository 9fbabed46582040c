import { MaskloomError, type Tensor } from '@maskloom/core';

/**
 * One row of a [1, T, width] block of states as a tensor of its own, [1, width]. It lives on this thread:
 * stages read it, and a model may be fed it.
 */
export function stateAt(states: Float32Array, row: number, width: number): Tensor {
  const values = states.slice(row * width, (row + 1) * width);
  let released = false;
  return {
    dtype: 'float32',
    dims: Object.freeze([1, width]),
    read: async () => {
      if (released) throw new MaskloomError('TENSOR_RELEASED', 'This hidden state has been released.');
      return values.slice();
    },
    release: () => {
      released = true;
    },
  };
}
