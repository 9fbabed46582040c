import type { Tensor, TensorScope } from '@maskloom/core';

/** Tensors that are released together. Owning after the release gives back at once: nothing leaks. */
export class OwningScope implements TensorScope {
  readonly #tensors = new Set<Tensor>();
  #released = false;

  /** @param onRelease - called once when the scope is released */
  constructor(readonly onRelease: (scope: OwningScope) => void = () => {}) {}

  own(tensor: Tensor): void {
    if (this.#released) tensor.release();
    else this.#tensors.add(tensor);
  }

  keep(tensor: Tensor): Tensor {
    this.#tensors.delete(tensor);
    return tensor;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const tensor of this.#tensors) tensor.release();
    this.#tensors.clear();
    this.onRelease(this);
  }
}
