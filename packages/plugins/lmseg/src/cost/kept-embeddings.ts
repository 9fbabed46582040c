import { tensorBytes, type RunContext, type Tensor } from '@maskloom/core';
import { drop } from './enhancement.js';

/** An embedding of a chunk's costs, and how many layers it went through. */
export interface Kept {
  readonly level: number;
  readonly tensor: Tensor;
}

/**
 * Intermediate embeddings kept within a budget of bytes; what does not fit is worked out again from the costs. One
 * embedding per view and chunk is kept.
 */
export class KeptEmbeddings {
  readonly #kept = new Map<string, Kept>();
  readonly #budget: number;
  #bytes = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Takes out what is kept of a chunk: the caller has charge of it from now on. */
  take(view: number, chunk: number): Kept | undefined {
    const key = `${view} ${chunk}`;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#bytes -= tensorBytes(kept.tensor);
    return kept;
  }

  /** Keeps an embedding where the budget allows, else gives it back; takes charge of it either way. */
  offer(view: number, chunk: number, kept: Kept, run: RunContext): void {
    const bytes = tensorBytes(kept.tensor);
    if (this.#bytes + bytes > this.#budget) return drop(kept.tensor, run);
    this.#bytes += bytes;
    this.#kept.set(`${view} ${chunk}`, kept);
  }
}
