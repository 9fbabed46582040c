import type { ChainedOutput, Feed, HostTensor, ModelPort, Tensor, TensorScope } from '@maskloom/core';

const PAST = 'past_key_values.';
const PRESENT = 'present.';

/** Keys and values of every layer for the tokens read so far; the tensors stay where the model runs. */
export class KeyValueCache {
  /** Tokens read so far. */
  readonly length: number;
  /** Sequences side by side. */
  readonly batch: number;
  readonly #tensors: ReadonlyMap<string, HostTensor | Tensor>;

  private constructor(length: number, batch: number, tensors: ReadonlyMap<string, HostTensor | Tensor>) {
    this.length = length;
    this.batch = batch;
    this.#tensors = tensors;
  }

  /** A cache of no tokens, shaped by the model's own inputs [B, heads, past, head width]. */
  static empty(inputs: readonly ModelPort[]): KeyValueCache {
    const tensors = inputs
      .filter((port) => port.name.startsWith(PAST))
      .map(({ name, shape }): [string, HostTensor] => {
        const dims = [1, Number(shape[1]), 0, Number(shape[3])];
        return [name, { dtype: 'float32', dims, data: new Float32Array(0) }];
      });
    return new KeyValueCache(0, 1, new Map(tensors));
  }

  /** Names of the outputs that make up the next cache. */
  get outputs(): readonly string[] {
    return [...this.#tensors.keys()].map((name) => PRESENT + name.slice(PAST.length));
  }

  /**
   * The cache as inputs of the next call.
   * @param batch - sequences of that call: where this is the cache of one, all of them begin with it
   */
  feeds(batch: number = this.batch): Readonly<Record<string, Feed>> {
    if (batch === this.batch) return Object.fromEntries(this.#tensors);
    if (this.batch !== 1) throw new Error('Only the cache of one sequence is shared.');
    return Object.fromEntries(
      [...this.#tensors].map(([name, tensor]) => {
        if (!('read' in tensor)) throw new Error('A cache of no tokens is not shared.');
        return [name, { repeated: tensor, times: batch }];
      }),
    );
  }

  /** As inputs of a call, the cache that an earlier call of the same chain gives. */
  static fromCall(call: number, inputs: readonly ModelPort[]): Readonly<Record<string, ChainedOutput>> {
    const names = inputs.map(({ name }) => name).filter((name) => name.startsWith(PAST));
    return Object.fromEntries(
      names.map((name) => [name, { call, output: PRESENT + name.slice(PAST.length) }]),
    );
  }

  /** The same cache as values of this thread: it belongs to no scope, and travels with every call that it is fed to. */
  async onThisThread(): Promise<KeyValueCache> {
    const read = async ([name, tensor]: [string, HostTensor | Tensor]): Promise<[string, HostTensor]> => [
      name,
      'read' in tensor ? { dtype: 'float32', dims: tensor.dims, data: await tensor.read() } : tensor,
    ];
    const values = await Promise.all([...this.#tensors].map(read));
    return new KeyValueCache(this.length, this.batch, new Map(values));
  }

  /** The cache after `count` more tokens, from the outputs of that call. */
  grown(count: number, outputs: Readonly<Record<string, Tensor>>, batch: number = this.batch): KeyValueCache {
    const tensors = new Map<string, Tensor>();
    for (const name of this.#tensors.keys()) {
      const present = outputs[PRESENT + name.slice(PAST.length)];
      if (present !== undefined) tensors.set(name, present);
    }
    return new KeyValueCache(this.length + count, batch, tensors);
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
