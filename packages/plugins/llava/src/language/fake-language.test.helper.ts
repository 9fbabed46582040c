import type {
  HostTensor,
  ModelHost,
  ModelSession,
  RunContext,
  Tensor,
  TensorLike,
  TensorScope,
  Tokenizer,
} from '@maskloom/core';

/** Width of the toy model's states. */
export const WIDTH = 4;
const WORDS = [
  '<s>',
  '</s>',
  '[SEG]',
  '<im_start>',
  '<im_end>',
  'user:',
  'assistant:',
  'the',
  'star',
  'ring',
  'and',
  '.',
  '<CATEGORY>',
  'it',
  'is',
  'no',
];

/** A word-level tokenizer over {@link WORDS}; unknown words become `no`. */
export const tokenizer: Tokenizer = {
  encode: (text) =>
    text
      .toLowerCase()
      .replaceAll('[seg]', ' [SEG] ')
      .replaceAll(/(<im_start>|<im_end>|\.)/g, ' $1 ')
      .replaceAll('<category>', ' <CATEGORY> ')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => (WORDS.includes(word) ? WORDS.indexOf(word) : WORDS.length - 1)),
  decode: (ids) => ids.map((id) => WORDS[id] ?? '?').join(' '),
  id: (token) => {
    const id = WORDS.indexOf(token);
    if (id < 0) throw new Error(`no token ${token}`);
    return id;
  },
};

/** What happened to the toy models, for counting calls and leaks. */
export interface Ledger {
  calls: string[];
  live: number;
}

class Memory implements Tensor {
  readonly dtype = 'float32' as const;
  #released = false;
  constructor(
    readonly dims: readonly number[],
    readonly data: Float32Array,
    readonly ledger: Ledger,
  ) {
    ledger.live++;
  }
  read(): Promise<Float32Array> {
    if (this.#released) return Promise.reject(new Error('released'));
    return Promise.resolve(this.data.slice());
  }
  values(): Float32Array {
    if (this.#released) throw new Error('fed a released tensor');
    return this.data;
  }
  release(): void {
    if (!this.#released) this.ledger.live--;
    this.#released = true;
  }
}

/** Host values of a feed; like a worker, it takes foreign handles by value. */
const resolved = async (feed: TensorLike): Promise<HostTensor> => {
  if (feed instanceof Memory) return { ...feed, dims: feed.dims, dtype: feed.dtype, data: feed.values() };
  if ('read' in feed) return { dtype: feed.dtype, dims: feed.dims, data: await feed.read() };
  return feed;
};
const valuesOf = (feed: HostTensor | undefined): Float32Array => feed?.data as Float32Array;

/** Fixed pseudo-random numbers in -1..1. */
export const noise = (i: number): number =>
  ((((Math.sin(i * 12.9898 + 4.1414) * 43758.5453) % 1) + 1) % 1) * 2 - 1;
/** Row `id` of the toy embedding table. */
export const embeddingOf = (id: number): number[] =>
  Array.from({ length: WIDTH }, (_, d) => Math.fround(noise(id * WIDTH + d)));

/**
 * The toy language model on a whole sequence: each state is a decaying sum of the embeddings so far, turned by
 * its position. Causal, and position matters, as in the real one.
 */
export function statesOf(sequence: readonly number[][]): number[][] {
  let sum = Array.from({ length: WIDTH }, () => 0);
  return sequence.map((row, position) => {
    sum = sum.map((value, d) => Math.fround(0.7 * value + (row[d] ?? 0)));
    return sum.map((value, d) => Math.fround(Math.sin(value * 3 + position * 0.37 + d)));
  });
}
/** Logits of one state; `bias` steers which tokens win. */
export const logitsOf = (state: readonly number[], bias: readonly number[]): number[] =>
  WORDS.map((_, id) =>
    embeddingOf(id).reduce((dot, value, d) => dot + value * (state[d] ?? 0), bias[id] ?? 0),
  );

/** A host whose models are the toy ones; `bias` is added to the logits. */
export function fakeHost(ledger: Ledger, bias: readonly number[] = [], preset: object = {}): ModelHost {
  const session = (
    id: string,
    inputs: ModelSession['inputs'],
    compute: (
      feeds: Readonly<Record<string, HostTensor | undefined>>,
    ) => Record<string, [number[], Float32Array]>,
  ): ModelSession => ({
    id,
    device: 'cpu',
    inputs,
    outputs: [],
    run: async (feeds, { outputs, scope }) => {
      ledger.calls.push(id);
      const values = await Promise.all(
        Object.entries(feeds).map(async ([name, feed]) => [name, await resolved(feed)] as const),
      );
      const made = Object.entries(compute(Object.fromEntries(values))).filter(
        ([name]) => outputs === undefined || outputs.includes(name),
      );
      return Object.fromEntries(
        made.map(([name, [dims, data]]) => {
          const tensor = new Memory(dims, data, ledger);
          scope.own(tensor);
          return [name, tensor];
        }),
      );
    },
  });
  const port = (name: string, shape: (number | string)[]) => ({ name, dtype: 'float32' as const, shape });
  const models: Record<string, ModelSession> = {
    projector: session('projector', [port('patch_features', ['B', 'L', 3])], ({ patch_features }) => {
      const given = valuesOf(patch_features);
      const rows = given.length / 3;
      const out = Float32Array.from(
        { length: rows * WIDTH },
        (_, i) => (given[Math.floor(i / WIDTH) * 3] ?? 0) * (1 + (i % WIDTH)),
      );
      return { image_tokens: [[1, rows, WIDTH], out] };
    }),
    tokenEmbedding: session('tokenEmbedding', [], ({ input_ids }) => {
      const ids = [...((input_ids as HostTensor).data as BigInt64Array)].map(Number);
      return { inputs_embeds: [[1, ids.length, WIDTH], Float32Array.from(ids.flatMap(embeddingOf))] };
    }),
    languageModel: session(
      'languageModel',
      [
        port('inputs_embeds', ['B', 'T', WIDTH]),
        port('past_key_values.0.key', ['B', 1, 'past', WIDTH]),
        port('past_key_values.0.value', ['B', 1, 'past', WIDTH]),
      ],
      (feeds) => {
        const past = valuesOf(feeds['past_key_values.0.key']);
        const fresh = valuesOf(feeds['inputs_embeds']);
        const all = Float32Array.from([...past, ...fresh]);
        const total = all.length / WIDTH;
        const count = fresh.length / WIDTH;
        const mask = (feeds['attention_mask'] as HostTensor).data as BigInt64Array;
        const positions = (feeds['position_ids'] as HostTensor).data as BigInt64Array;
        if (mask.length !== total || !mask.every((v) => v === 1n)) throw new Error('attention mask');
        if (!positions.every((v, i) => v === BigInt(total - count + i))) throw new Error('position ids');
        const rows = Array.from({ length: total }, (_, t) => [...all.subarray(t * WIDTH, (t + 1) * WIDTH)]);
        const states = statesOf(rows).slice(total - count);
        const logits = states.flatMap((state) => logitsOf(state, bias));
        return {
          logits: [[1, count, WORDS.length], Float32Array.from(logits)],
          hidden_states: [[1, count, WIDTH], Float32Array.from(states.flat())],
          'present.0.key': [[1, 1, total, WIDTH], all],
          'present.0.value': [[1, 1, total, WIDTH], all.slice()],
        };
      },
    ),
  };
  return {
    bundle: 'toy',
    model: (role) => {
      const found = models[role];
      return found === undefined ? Promise.reject(new Error(`no role ${role}`)) : Promise.resolve(found);
    },
    ports: () => ({ inputs: [], outputs: [] }),
    tokenizer: () => Promise.resolve(tokenizer),
    preset: () => ({
      hidden: WIDTH,
      imageTokens: 4,
      prompt: 'USER: <im_start>{image}<im_end> {text} ASSISTANT:',
      bos: '<s>',
      eos: '</s>',
      imStart: '<im_start>',
      maxNewTokens: 8,
      ...preset,
    }),
    scope: () => scopeOf(),
    liveTensors: 0,
    dispose: () => Promise.resolve(),
  };
}

/** A scope that releases what it owns. */
export function scopeOf(): TensorScope {
  const owned = new Set<Tensor>();
  return {
    own: (tensor) => void owned.add(tensor),
    keep: (tensor) => (owned.delete(tensor), tensor),
    release: () => owned.forEach((tensor) => tensor.release()),
  };
}

/** A run context with its scope. */
export function runOf(signal: AbortSignal = new AbortController().signal): RunContext {
  return { signal, scope: scopeOf(), warn: () => undefined, progress: () => undefined };
}
