import {
  localTensor,
  onAbort,
  tensorScope,
  throwIfAborted,
  type HostTensor,
  type ModelSession,
  type RunContext,
  type Tensor,
} from '@maskloom/core';

/** An encoder's outputs [1, ...]; as of {@link FeatureMap.ready}. */
export interface Encoded {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly ready?: Promise<void>;
}

/** One picture of a call: its input, and who waits for its outputs. */
interface Waiting {
  /** float32 [1, 3, side, side]. */
  readonly input: HostTensor;
  readonly run: RunContext;
  readonly resolve: (encoded: Encoded) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Pictures that are asked for at once go through an encoder in one call, whatever their sizes: their inputs are padded to one.
 * A picture that is asked for alone goes alone.
 */
export class EncodeTogether {
  readonly #session: ModelSession;
  readonly #outputs: readonly string[];
  readonly #most: number;
  #preparing = 0;
  #waiting: Waiting[] = [];

  /**
   * @param session - takes `pixel_values` [B, 3, side, side]
   * @param outputs - those wanted, each [B, ...]
   * @param most - largest B
   */
  constructor(session: ModelSession, outputs: readonly string[], most: number) {
    this.#session = session;
    this.#outputs = outputs;
    this.#most = most;
  }

  /**
   * The encoder's outputs [1, ...] for one picture.
   * @param prepare - makes its float32 [1, 3, side, side]; calls that begin before the last of them is done go together
   */
  async encode(prepare: () => Promise<HostTensor>, run: RunContext): Promise<Encoded> {
    if (this.#most === 1) return this.#alone(await prepare(), run);
    this.#preparing++;
    let encoded: Promise<Encoded>;
    try {
      const input = await prepare();
      throwIfAborted(run.signal, 'SAM image encoder');
      encoded = new Promise((resolve, reject) => void this.#waiting.push({ input, run, resolve, reject }));
    } finally {
      this.#preparing--;
      if (this.#preparing === 0 || this.#waiting.length >= this.#most) this.#send();
    }
    return encoded;
  }

  #send(): void {
    const batch = this.#waiting.splice(0, this.#most);
    if (batch.length === 0) return;
    const [{ input, run }] = batch as [Waiting];
    const encoded = batch.length === 1 ? this.#alone(input, run).then((one) => [one]) : this.#together(batch);
    encoded.then(
      (given) => batch.forEach(({ resolve }, i) => resolve(given[i]!)),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    );
    this.#send();
  }

  /** Stays where the model runs. */
  async #alone(input: HostTensor, run: RunContext): Promise<Encoded> {
    throwIfAborted(run.signal, 'SAM image encoder');
    const options = { outputs: this.#outputs, scope: run.scope, signal: run.signal };
    const feeds = { pixel_values: input };
    return this.#session.ahead?.(feeds, options) ?? { outputs: await this.#session.run(feeds, options) };
  }

  /** Ends when nobody waits any more; each picture's part of the outputs is a tensor of this thread. */
  async #together(batch: readonly Waiting[]): Promise<readonly Encoded[]> {
    const nobody = new AbortController();
    let left = batch.length;
    const detach = batch.map(({ run }) => onAbort(run.signal, () => --left === 0 && nobody.abort()));
    const scope = tensorScope();
    try {
      const options = { outputs: this.#outputs, read: this.#outputs, scope, signal: nobody.signal };
      const given = await this.#session.run(
        { pixel_values: stacked(batch.map(({ input }) => input)) },
        options,
      );
      const parts = await Promise.all(
        Object.entries(given).map(async ([name, tensor]) => [name, await rowsOf(tensor)] as const),
      );
      return batch.map((_, i) => ({
        outputs: Object.fromEntries(parts.map(([name, rows]) => [name, rows[i]!])),
      }));
    } finally {
      for (const off of detach) off();
      scope.release();
    }
  }
}

function stacked(inputs: readonly HostTensor[]): HostTensor {
  const [first] = inputs;
  const size = first!.data.length;
  const data = new Float32Array(inputs.length * size);
  inputs.forEach((input, i) => data.set(input.data as Float32Array, i * size));
  return { dtype: 'float32', dims: [inputs.length, ...first!.dims.slice(1)], data };
}

/** [B, ...] as B tensors [1, ...]. */
async function rowsOf(tensor: Tensor): Promise<readonly Tensor[]> {
  const [count = 0, ...rest] = tensor.dims;
  const values = await tensor.read();
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) =>
    localTensor([1, ...rest], values.subarray(i * size, (i + 1) * size)),
  );
}
