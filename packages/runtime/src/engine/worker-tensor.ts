import { MaskloomError } from '@maskloom/core';
import type { DType, Tensor } from '@maskloom/core';
import type { Engine } from './engine.js';
import { hostDType } from './host-dtype.js';
import type { WireTensor, WireValues } from './protocol.js';

/** Values that came along and are copied for each reader. */
const COPIED = 1024;

/**
 * A handle to a tensor in a worker. The holder has one reference; a call that waits to use the
 * tensor has another, so that releasing a handle never pulls values from under a queued call.
 */
export class WorkerTensor implements Tensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly engine: Engine;
  readonly #number: number;
  readonly #onRelease: () => void;
  /** When the worker has it, where that is not yet. */
  readonly ready: Promise<void> | undefined;
  #early: WireValues['data'] | undefined;
  #references = 1;
  #released = false;

  /**
   * @param onRelease - called once when the holder gives the tensor back
   * @param ready - when the worker has it, where that is not yet; until then it is not given back
   */
  constructor(engine: Engine, wire: Omit<WireTensor, 'name'>, onRelease: () => void, ready?: Promise<void>) {
    this.engine = engine;
    this.dtype = wire.dtype;
    // They came with a message: nobody else has them.
    this.dims = Object.freeze(wire.dims);
    this.#number = wire.tensor;
    this.#onRelease = onRelease;
    this.#early = wire.early;
    this.ready = ready;
    engine.retain();
    if (ready === undefined) return;
    this.#references++;
    const there = (): void => this.#drop();
    ready.then(there, there);
  }

  async read(): Promise<Float32Array> {
    const { data } = this.#atHand() ?? (await this.values());
    return data instanceof Float32Array
      ? data
      : Float32Array.from(data as ArrayLike<number | bigint>, Number);
  }

  /** The values as they travel: float16 as float32, int32 as int64. */
  async values(): Promise<WireValues> {
    this.#check();
    // Why it never comes is told rather than that it is not there.
    if (this.ready !== undefined) await this.ready;
    return this.#atHand() ?? this.engine.read(this.#number);
  }

  /** Values that came along. */
  #atHand(): WireValues | undefined {
    this.#check();
    const early = this.#early;
    if (early === undefined || !this.engine.usable) return undefined;
    // None may change what the next one reads: a copy of what is small, else the values themselves, and the next asks again.
    const small = early.length <= COPIED;
    if (!small) this.#early = undefined;
    return { dtype: hostDType(this.dtype), dims: this.dims, data: small ? early.slice() : early };
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#onRelease();
    this.#drop();
  }

  /**
   * Holds the tensor for a call; returns its number and how to let go.
   * @throws MaskloomError TENSOR_RELEASED
   */
  pin(): { readonly tensor: number; readonly unpin: () => void } {
    this.#check();
    this.#references++;
    return { tensor: this.#number, unpin: () => this.#drop() };
  }

  #drop(): void {
    this.#references--;
    if (this.#references === 0) this.engine.release(this.#number);
  }

  #check(): void {
    if (!this.#released) return;
    throw new MaskloomError(
      'TENSOR_RELEASED',
      `a tensor of shape [${this.dims.join(', ')}] was used after its release`,
      {
        hint: 'Read it before its scope ends, or keep it with scope.keep().',
      },
    );
  }
}
