import {
  decodeGreedily,
  runChain,
  throwIfAborted,
  type ChainedCall,
  type ChainedOutput,
  type GreedyAnswer,
  type GreedyRequest,
  type GreedyRules,
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

/** A piece of sequence to be read. */
export interface Piece {
  /** [batch, count, hidden] */
  readonly embeds: TensorLike | ChainedOutput;
  readonly count: number;
  readonly wanted: readonly Wanted[];
  /** Whether the values of the wanted states are read here; those of logits always are. */
  readonly read?: boolean;
}

/** Embeddings that are remembered, in bytes: templates and answers use few words again and again. */
const MAX_REMEMBERED = 4 * 2 ** 20;

/** The token embedding and the language model's graph, driven one piece of sequence at a time. */
export class CausalDecoder {
  readonly #embedding: ModelSession;
  readonly #model: ModelSession;
  readonly #remembered = new Map<number, Float32Array>();
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
   * Embeds token ids; tokens met before cost no model call.
   * @param ids - `batch` sequences of equal length, one after the other
   * @returns [batch, T, hidden]
   */
  async embed(ids: readonly number[], run: RunContext, batch = 1): Promise<HostTensor> {
    // Held here: while the model is called, other prompts may push out what this one needs.
    const rows = new Map<number, Float32Array>();
    const unknown = new Set<number>();
    for (const id of ids) {
      const row = this.#remembered.get(id);
      if (row === undefined) unknown.add(id);
      else rows.set(id, row);
    }
    if (unknown.size > 0) {
      const made = await this.#embedded([...unknown], run);
      [...unknown].forEach((id, n) => rows.set(id, made[n] as Float32Array));
      for (const id of unknown) this.#remembered.set(id, rows.get(id) as Float32Array);
      this.#forget();
    }
    const hidden = rows.get(ids[0] ?? NaN)?.length ?? 0;
    const data = new Float32Array(ids.length * hidden);
    ids.forEach((id, n) => data.set(rows.get(id) as Float32Array, n * hidden));
    return { dtype: 'float32', dims: [batch, ids.length / batch, hidden], data };
  }

  /** Runs the model: one row per id. */
  async #embedded(ids: readonly number[], run: RunContext): Promise<readonly Float32Array[]> {
    const input_ids = {
      dtype: 'int64' as const,
      dims: [1, ids.length],
      data: BigInt64Array.from(ids, BigInt),
    };
    throwIfAborted(run.signal, 'token embedding');
    const { inputs_embeds } = await this.#embedding.run(
      { input_ids },
      { read: ['inputs_embeds'], scope: run.scope, signal: run.signal },
    );
    const given = found(inputs_embeds, 'inputs_embeds', this.#embedding);
    const values = await given.read();
    run.scope.keep(given).release();
    const hidden = values.length / ids.length;
    return ids.map((_, n) => values.slice(n * hidden, (n + 1) * hidden));
  }

  /** The tokens met first go when there are too many. */
  #forget(): void {
    const [row] = this.#remembered.values();
    const most = MAX_REMEMBERED / (row?.byteLength ?? 1);
    for (const id of this.#remembered.keys()) {
      if (this.#remembered.size <= most) return;
      this.#remembered.delete(id);
    }
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
    const [step] = await this.steps([{ embeds, count, wanted }], past, run, { batch });
    return step as DecoderStep;
  }

  /**
   * Reads several pieces one after the other, with nothing to decide between them.
   * @param first - a call that comes before; pieces may have its output for embeddings
   */
  async steps(
    pieces: readonly Piece[],
    past: KeyValueCache,
    run: RunContext,
    { first, batch = past.batch }: { readonly first?: ChainedCall; readonly batch?: number } = {},
  ): Promise<readonly DecoderStep[]> {
    const calls: ChainedCall[] = first === undefined ? [] : [first];
    let length = past.length;
    for (const [n, { embeds, count, wanted, read = false }] of pieces.entries()) {
      const before =
        n === 0 ? past.feeds(batch) : KeyValueCache.fromCall(calls.length - 1, this.#model.inputs);
      const outputs: string[] = wanted.filter((name) => name !== 'cache');
      calls.push({
        session: this.#model,
        feeds: { inputs_embeds: embeds, ...this.#places(length, count, wanted, batch), ...before },
        outputs: wanted.includes('cache') ? [...outputs, ...past.outputs] : outputs,
        // One position's logits are all that is read of a step; they are many where the vocabulary is.
        read: outputs.filter((name) => read || name === 'logits'),
      });
      length += count;
    }
    throwIfAborted(run.signal, 'language model');
    const given = await runChain(calls, { scope: run.scope, signal: run.signal });
    let cache = past;
    return pieces.map(({ count, wanted }, n) => {
      const outputs = given[n + calls.length - pieces.length] ?? {};
      const need = (name: Wanted): Tensor | undefined =>
        wanted.includes(name) ? found(outputs[name], name, this.#model) : undefined;
      cache = cache.grown(count, outputs, batch);
      return { logits: need('logits'), hidden: need('hidden_states'), cache };
    });
  }

  /**
   * Goes on greedily after a question: where the model is, or from here where that cannot be.
   * @param told - of each token, or of watched ones alone; absent where nobody follows
   */
  async greedy(
    question: TensorLike,
    count: number,
    past: KeyValueCache,
    rules: GreedyRules,
    run: RunContext,
    told: Pick<GreedyRequest, 'onToken' | 'onlyWatched'> = {},
  ): Promise<GreedyAnswer> {
    throwIfAborted(run.signal, 'language model');
    const wanted: readonly Wanted[] = ['logits', 'hidden_states', 'cache'];
    const there = this.#model.greedy?.({
      embedding: this.#embedding,
      feeds: {
        inputs_embeds: question,
        ...this.#places(past.length, count, wanted, past.batch),
        ...past.feeds(),
      },
      length: past.length + count,
      rules,
      signal: run.signal,
      ...told,
    });
    if (there !== undefined) return there;
    const first = await this.step(question, count, past, wanted, run);
    const driver = {
      logits: async ({ logits }: DecoderStep) => ({
        values: (await logits?.read()) ?? new Float32Array(),
        vocabulary: logits?.dims.at(-1) ?? 0,
      }),
      state: async ({ hidden }: DecoderStep) =>
        ((await hidden?.read()) ?? new Float32Array()).slice(-(hidden?.dims.at(-1) ?? 0)),
      next: async (id: number, { cache }: DecoderStep) =>
        this.step(await this.embed([id], run), 1, cache, wanted, run),
      release: ({ logits, hidden, cache }: DecoderStep) => {
        for (const used of [logits, hidden, cache]) used?.release();
      },
    };
    const { onToken = () => undefined, onlyWatched = false } = told;
    return decodeGreedily(first, rules, driver, (id) => {
      if (!onlyWatched || rules.watch.includes(id)) onToken(id);
    });
  }

  /** Mask, positions, and whose logits are computed, of `count` tokens after `length`. */
  #places(
    length: number,
    count: number,
    wanted: readonly Wanted[],
    batch: number,
  ): Readonly<Record<string, HostTensor>> {
    const total = length + count;
    const mask = new BigInt64Array(batch * total).fill(1n);
    const positions = BigInt64Array.from({ length: batch * count }, (_, i) => BigInt(length + (i % count)));
    return {
      attention_mask: { dtype: 'int64', dims: [batch, total], data: mask },
      position_ids: { dtype: 'int64', dims: [batch, count], data: positions },
      ...this.#logitsAt(wanted.includes('logits') ? [count - 1] : []),
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
