import { hostTensor, type HostTensor, type ModelPort, type Tokenizer } from '@maskloom/core';
import { fakeHost, type FakeHost, type FakeModel } from '@maskloom/core/conformance';

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

const port = (name: string, shape: (number | string)[]): ModelPort => ({ name, dtype: 'float32', shape });
const floats = (tensor: HostTensor | undefined): Float32Array => tensor?.data as Float32Array;

const projector: FakeModel = {
  inputs: [port('patch_features', ['B', 'L', 3])],
  outputs: [port('image_tokens', ['B', 'L', WIDTH])],
  run: ({ patch_features }) => {
    const given = floats(patch_features);
    const rows = given.length / 3;
    const data = Float32Array.from(
      { length: rows * WIDTH },
      (_, i) => (given[Math.floor(i / WIDTH) * 3] ?? 0) * (1 + (i % WIDTH)),
    );
    return { image_tokens: hostTensor('float32', [1, rows, WIDTH], data) };
  },
};

const tokenEmbedding: FakeModel = {
  inputs: [port('input_ids', ['B', 'T'])],
  outputs: [port('inputs_embeds', ['B', 'T', WIDTH])],
  run: ({ input_ids }) => {
    const ids = [...(input_ids?.data as BigInt64Array)].map(Number);
    const dims = [...(input_ids?.dims ?? []), WIDTH];
    return { inputs_embeds: hostTensor('float32', dims, Float32Array.from(ids.flatMap(embeddingOf))) };
  },
};

/** Its cache holds the embeddings themselves; it insists on the right mask and positions. */
export const languageModel = (bias: readonly number[]): FakeModel => ({
  inputs: [
    'inputs_embeds',
    'attention_mask',
    'position_ids',
    'past_key_values.0.key',
    'past_key_values.0.value',
  ].map((name) => port(name, ['B', 1, 'past', WIDTH])),
  outputs: [],
  run: (feeds) => {
    const [batch = 0, count = 0] = feeds['inputs_embeds']?.dims ?? [];
    const past = feeds['past_key_values.0.key'];
    if (past?.dims[0] !== batch) throw new Error('batch of the cache');
    const total = (past.dims[2] ?? 0) + count;
    const mask = feeds['attention_mask']?.data as BigInt64Array;
    const positions = feeds['position_ids']?.data as BigInt64Array;
    if (mask.length !== batch * total || !mask.every((v) => v === 1n)) throw new Error('attention mask');
    if (positions.length !== batch * count) throw new Error('position ids');
    if (!positions.every((v, i) => v === BigInt(total - count + (i % count))))
      throw new Error('position ids');
    const keys: number[] = [];
    const states: number[] = [];
    for (let b = 0; b < batch; b++) {
      const before = (total - count) * WIDTH;
      const all = [
        ...floats(past).subarray(b * before, (b + 1) * before),
        ...floats(feeds['inputs_embeds']).subarray(b * count * WIDTH, (b + 1) * count * WIDTH),
      ];
      const rows = Array.from({ length: total }, (_, t) => all.slice(t * WIDTH, (t + 1) * WIDTH));
      keys.push(...all);
      states.push(
        ...statesOf(rows)
          .slice(total - count)
          .flat(),
      );
    }
    const rows = Array.from({ length: batch * count }, (_, i) => states.slice(i * WIDTH, (i + 1) * WIDTH));
    const logits = rows.flatMap((state) => logitsOf(state, bias));
    const cache = hostTensor('float32', [batch, 1, total, WIDTH], Float32Array.from(keys));
    return {
      logits: hostTensor('float32', [batch, count, WORDS.length], Float32Array.from(logits)),
      hidden_states: hostTensor('float32', [batch, count, WIDTH], Float32Array.from(states)),
      'present.0.key': cache,
      'present.0.value': { ...cache, data: cache.data.slice() },
    };
  },
});

/** As {@link toyHost}, with a language model that takes `logits_at`; what it is fed is put into `asked`. */
export function choosingHost(bias: readonly number[], asked: number[][]): FakeHost {
  const plain = languageModel(bias);
  const model: FakeModel = {
    ...plain,
    inputs: [...plain.inputs, { name: 'logits_at', dtype: 'int64', shape: ['K'] }],
    run: async ({ logits_at, ...feeds }) => {
      const at = [...(logits_at?.data as BigInt64Array)].map(Number);
      asked.push(at);
      const given = await plain.run(feeds);
      const { dims, data } = given['logits'] as HostTensor;
      const [batch = 0, count = 0, width = 0] = dims;
      const rows = Array.from({ length: batch }, (_, b) => at.map((i) => (b * count + i) * width)).flat();
      const kept = rows.flatMap((from) => [...(data as Float32Array).subarray(from, from + width)]);
      return { ...given, logits: hostTensor('float32', [batch, at.length, width], Float32Array.from(kept)) };
    },
  };
  return toyHost(bias, {}, tokenizer, model);
}

/** A host whose models are the toy ones; `bias` is added to the logits, `preset` to the `llava` and `onevision` presets. */
export function toyHost(
  bias: readonly number[] = [],
  preset: object = {},
  words: Tokenizer = tokenizer,
  language: FakeModel = languageModel(bias),
): FakeHost {
  const llava = {
    hidden: WIDTH,
    imageTokens: 4,
    prompt: 'USER: <im_start>{image}<im_end> {text} ASSISTANT:',
    bos: '<s>',
    eos: '</s>',
    imStart: '<im_start>',
    maxNewTokens: 8,
    ...preset,
  };
  const onevision = {
    ...llava,
    prompt: 'USER: {text} <im_start>{image}<im_end> ASSISTANT:',
    decode: 'USER: <CATEGORY> it is ASSISTANT:',
    decodeStop: '.',
    maxNameTokens: 5,
    instructions: { free: 'the ring and the star', referring: 'the {text}' },
    listInstruction: 'the ring',
    ...preset,
  };
  const models = { projector, tokenEmbedding, languageModel: language };
  return fakeHost({ bundle: 'toy', models, tokenizer: words, presets: { llava, onevision } });
}
