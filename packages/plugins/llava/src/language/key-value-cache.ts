import type { ModelPort, Tensor, TensorLike, TensorScope } from '@maskloom/core';

const PAST = 'past_key_values.';
const PRESENT = 'present.';

/** Keys and values of every layer for the tokens read so far; the tensors stay where the model runs. */
export class KeyValueCache {
  /** Tokens read so far. */
  readonly length: number;
  /** Sequences side by side. */
  readonly batch: number;
  readonly #tensors: ReadonlyMap<string, TensorLike>;

  private constructor(length: number, batch: number, tensors: ReadonlyMap<string, TensorLike>) {
    this.length = length;
    this.batch = batch;
    this.#tensors = tensors;
  }

  /** A cache of no tokens, shaped by the model's own inputs [B, heads, past, head width]. */
  static empty(inputs: readonly ModelPort[]): KeyValueCache {
    const tensors = inputs
      .filter((port) => port.name.startsWith(PAST))
      .map(({ name, shape }): [string, TensorLike] => {
        const dims = [1, Number(shape[1]), 0, Number(shape[3])];
        return [name, { dtype: 'float32', dims, data: new Float32Array(0) }];
      });
    return new KeyValueCache(0, 1, new Map(tensors));
  }

  /** Names of the outputs that make up the next cache. */
  get outputs(): readonly string[] {
    return [...this.#tensors.keys()].map((name) => PRESENT + name.slice(PAST.length));
  }

  /** The cache as inputs of the next call. */
  feeds(): Readonly<Record<string, TensorLike>> {
    return Object.fromEntries(this.#tensors);
  }

  /** The cache after `count` more tokens, from the outputs of that call. */
  grown(count: number, outputs: Readonly<Record<string, Tensor>>): KeyValueCache {
    const tensors = new Map<string, TensorLike>();
    for (const name of this.#tensors.keys()) {
      const present = outputs[PRESENT + name.slice(PAST.length)];
      if (present !== undefined) tensors.set(name, present);
    }
    return new KeyValueCache(this.length + count, this.batch, tensors);
  }

  /** The cache of one sequence on this thread: it outlives the run that made it. */
  async onThisThread(): Promise<KeyValueCache> {
    const tensors = await Promise.all(
      [...this.#tensors].map(async ([name, tensor]): Promise<[string, TensorLike]> => {
        if (!('read' in tensor)) return [name, tensor];
        return [name, { dtype: 'float32', dims: tensor.dims, data: await tensor.read() }];
      }),
    );
    return new KeyValueCache(this.length, this.batch, new Map(tensors));
  }

  /**
   * The cache of `batch` sequences that begin alike. Its one sequence must be on this thread.
   * @param batch - at least 1
   */
  repeated(batch: number): KeyValueCache {
    const tensors = [...this.#tensors].map(([name, tensor]): [string, TensorLike] => {
      if ('read' in tensor || this.batch !== 1)
        throw new Error('Only one sequence of this thread is repeated.');
      const one = tensor.data as Float32Array;
      const data = new Float32Array(one.length * batch);
      for (let n = 0; n < batch; n++) data.set(one, n * one.length);
      return [name, { dtype: 'float32', dims: [batch, ...tensor.dims.slice(1)], data }];
    });
    return new KeyValueCache(this.length, batch, new Map(tensors));
  }

  /** Takes the tensors out of a scope: whoever keeps the cache releases it. */
  keep(scope: TensorScope): void {
    for (const tensor of this.#tensors.values()) if ('release' in tensor) scope.keep(tensor);
  }

  /** Gives the memory back before the scope does: a long answer makes one cache per token. */
  release(): void {
    for (const tensor of this.#tensors.values()) if ('release' in tensor) tensor.release();
  }
}
