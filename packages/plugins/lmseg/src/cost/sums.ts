import { hostTensor, type HostTensor, type RunContext, type Tensor } from '@maskloom/core';
import { drop } from './enhancement.js';

/** The two sums over all classes that linear attention needs. */
export interface Totals {
  /** Sum of phi(k) v^T, [cells, heads, d, d]. */
  readonly kv: Tensor | HostTensor;
  /** Sum of phi(k), [cells, heads, d]. */
  readonly k: Tensor | HostTensor;
}

/**
 * Adds up a layer's sums over chunks of classes, in double precision. One chunk's sums are taken as they are and stay
 * where they were made.
 */
export class SumsOverClasses {
  #only: { readonly kv: Tensor; readonly k: Tensor } | undefined;
  #kv: Float64Array | undefined;
  #k: Float64Array | undefined;
  #dims: { readonly kv: readonly number[]; readonly k: readonly number[] } | undefined;

  /** Adds one chunk's sums and takes charge of them. */
  async add(kv: Tensor, k: Tensor, run: RunContext): Promise<void> {
    if (this.#dims === undefined) {
      this.#dims = { kv: kv.dims, k: k.dims };
      this.#only = { kv, k };
      return;
    }
    const first = this.#only;
    this.#only = undefined;
    if (first !== undefined) await this.#accumulate(first.kv, first.k, run);
    await this.#accumulate(kv, k, run);
  }

  /** The totals; of no class there are none. */
  totals(): Totals | undefined {
    if (this.#only !== undefined) return this.#only;
    if (this.#dims === undefined || this.#kv === undefined || this.#k === undefined) return undefined;
    return {
      kv: hostTensor('float32', this.#dims.kv, Float32Array.from(this.#kv)),
      k: hostTensor('float32', this.#dims.k, Float32Array.from(this.#k)),
    };
  }

  async #accumulate(kv: Tensor, k: Tensor, run: RunContext): Promise<void> {
    this.#kv = plus(this.#kv, await kv.read());
    this.#k = plus(this.#k, await k.read());
    drop(kv, run);
    drop(k, run);
  }
}

function plus(sum: Float64Array | undefined, values: Float32Array): Float64Array {
  if (sum === undefined) return Float64Array.from(values);
  for (let i = 0; i < values.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
  return sum;
}
