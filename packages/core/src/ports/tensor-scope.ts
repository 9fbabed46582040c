import type { Tensor } from '../domain/tensor.js';
import type { TensorScope } from './model-host.js';

/**
 * A scope that belongs to nobody but its maker. A tensor that arrives after the release, such as the output of a
 * call that was in flight, is given back at once.
 */
export function tensorScope(): TensorScope {
  const owned = new Set<Tensor>();
  let released = false;
  return {
    own(tensor) {
      if (released) tensor.release();
      else owned.add(tensor);
    },
    keep(tensor) {
      owned.delete(tensor);
      return tensor;
    },
    release() {
      released = true;
      for (const tensor of owned) tensor.release();
      owned.clear();
    },
  };
}
