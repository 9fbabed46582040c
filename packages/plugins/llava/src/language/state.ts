import { localTensor, type Tensor } from '@maskloom/core';

/**
 * One row of a [1, T, width] block of states as a tensor of its own, [1, width]. It lives on this thread:
 * stages read it, and a model may be fed it.
 */
export function stateAt(states: Float32Array, row: number, width: number): Tensor {
  return localTensor([1, width], states.slice(row * width, (row + 1) * width));
}
