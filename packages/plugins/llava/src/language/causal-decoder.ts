import {
  throwIfAborted,
  type HostTensor,
  type ModelSession,
  type RunContext,
  type Tensor,
  type TensorLike,
} from '@maskloom/core';
import { KeyValueCache } from './key-value-cache.js';

/** What one call of the language model gave. */
export interface DecoderStep {
  /** [B, 1, vocabulary] of the last of these tokens, or [B, T, vocabulary] of a graph that cannot choose; when asked for. */
  readonly logits: Tensor | undefined;
  /** [B, T, hidden] after the final norm, when asked for. */
  readonly hidden: Tensor | undefined;
  /** The cache after these tokens. */
  readonly cache: KeyValueCache;
}

/**
 * The positions, among the tokens of a call, whose logits a graph computes: int64 [K], K may be 0. Over a vocabulary of
 * 150,000 the logits of every position of a picture are a gigabyte, and nothing but the last is ever read.
 */
export const LOGITS_AT = 'logits_at';

/** What a call is wanted for; the rest never leaves the model, and logits that nobody wants are not computed. */
export type Wanted = 'logits' | 'hidden_states' | 'cache';

/** Written tokens whose embeddings are remembered; answers use few words again and again. */
const MAX_REMEMBERED = 256;

/** The token embedding and the language model's graph, driven one piece of sequence at a time. */
export class CausalDecoder {
  readonly #embedding: ModelSession;
  readonly #model: ModelSession;
  readonly #remembered = new Map<number, HostTensor>();
  readonly #choosesLogits: boolean;

  constructor(embedding: ModelSession, model: ModelSession) {
    this.#embedding = embedding;
    this.#model = model;
    this.#choosesLogits = model.inputs.some(({ name }) => name === LOGITS_AT);
  }

  /** A cache of no tokens. */
  emptyCache(): KeyValueCache {
    return KeyValueCache.empty(this.#model.inputs);
  }

  /**
   * Embeds token ids.
   * @param ids - `batch` sequences of equal length, one after the other
   * @returns [batch, T, hidden]
   */
  async embed(ids: readonly number[], run: RunContext, batch = 1): Promise<Tensor> {
    const input_ids = {
      dtype: 'int64' as const,
      dims: [batch, ids.length / batch],
      data: BigInt64Array.from(ids, BigInt),
    };
    throwIfAborted(run.signal, 'token embedding');
    const { inputs_embeds } = await this.#embedding.run(
      { input_ids },
      { scope: run.scope, signal: run.signal },
    );
    return found(inputs_embeds, 'inputs_embeds', this.#embedding);
  }

  /**
   * Embeds one written token; a token met before costs no model call.
   * @returns [1, 1, hidden], not to be changed or released
   */
  async embedToken(id: number, run: RunContext): Promise<HostTensor> {
    const known = this.#remembered.get(id);
    if (known !== undefined) return known;
    const made = await this.embed([id], run);
    const row: HostTensor = { dtype: 'float32', dims: made.dims, data: await made.read() };
    made.release();
    if (this.#remembered.size < MAX_REMEMBERED) this.#remembered.set(id, row);
    return row;
  }

  /**
   * Reads `count` more tokens of each sequence after those in `past`, which stays usable.
   * @param embeds - [batch, count, hidden]
   * @param batch - sequences; more than those of `past` where all of them begin with its one
   */
  async step(
    embeds: TensorLike,
    count: number,
    past: KeyValueCache,
    wanted: readonly Wanted[],
    run: RunContext,
    batch: number = past.batch,
  ): Promise<DecoderStep> {
    const total = past.length + count;
    const positions = BigInt64Array.from({ length: batch * count }, (_, i) =>
      BigInt(past.length + (i % count)),
    );
    const outputs: string[] = wanted.filter((name) => name !== 'cache');
    if (wanted.includes('cache')) outputs.push(...past.outputs);
    throwIfAborted(run.signal, 'language model');
    const given = await this.#model.run(
      {
        inputs_embeds: embeds,
        attention_mask: {
          dtype: 'int64',
          dims: [batch, total],
          data: new BigInt64Array(batch * total).fill(1n),
        },
        position_ids: { dtype: 'int64', dims: [batch, count], data: positions },
        ...this.#logitsAt(wanted.includes('logits') ? [count - 1] : []),
        ...past.feeds(batch),
      },
      { outputs, scope: run.scope, signal: run.signal },
    );
    const need = (name: Wanted, output: string): Tensor | undefined =>
      wanted.includes(name) ? found(given[output], output, this.#model) : undefined;
    return {
      logits: need('logits', 'logits'),
      hidden: need('hidden_states', 'hidden_states'),
      cache: past.grown(count, given, batch),
    };
  }

  #logitsAt(places: readonly number[]): Readonly<Record<string, HostTensor>> {
    if (!this.#choosesLogits) return {};
    return {
      [LOGITS_AT]: { dtype: 'int64', dims: [places.length], data: BigInt64Array.from(places, BigInt) },
    };
  }
}

function found(tensor: Tensor | undefined, output: string, session: ModelSession): Tensor {
  if (tensor !== undefined) return tensor;
  throw new Error(`Model ${session.id} gave no output '${output}'.`);
}
