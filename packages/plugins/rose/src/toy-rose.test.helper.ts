import { hostTensor, type BuildContext, type HostTensor, type ModelPort } from '@maskloom/core';
import { fakeHost, fakeTokenizer, noise, type FakeHost, type FakeModel } from '@maskloom/core/conformance';

/** Width of the toy's hidden states. */
export const HIDDEN = 4;
/** Width of the toy's prompt embeddings. */
export const EMBEDDING = 3;
/** Width of the toy's text space. */
export const TEXT = 5;

const port = (name: string, shape: (number | string)[]): ModelPort => ({ name, dtype: 'float32', shape });
const floats = (tensor: HostTensor | undefined): Float32Array => tensor?.data as Float32Array;
const tensor = (dims: number[], data: ArrayLike<number>): HostTensor =>
  hostTensor('float32', dims, Float32Array.from(data));

/** Heads that read a state's channels: objectness 4 (s0), mask embedding (s0, s1, s2), category embedding the state. */
const patchAnalyzer: FakeModel = {
  inputs: [port('states', ['P', HIDDEN])],
  outputs: [
    port('objectness', ['P']),
    port('mask_embeddings', ['P', EMBEDDING]),
    port('category_embeddings', ['P', HIDDEN]),
    port('text_embeddings', ['P', TEXT]),
  ],
  run: ({ states }) => {
    const values = floats(states);
    const count = values.length / HIDDEN;
    const at = (p: number, c: number): number => values[p * HIDDEN + c] ?? 0;
    const rows = (width: number, of: (p: number, c: number) => number): HostTensor =>
      tensor(
        [count, width],
        Array.from({ length: count * width }, (_, i) => of(Math.floor(i / width), i % width)),
      );
    return {
      objectness: tensor(
        [count],
        Array.from({ length: count }, (_, p) => 4 * at(p, 0)),
      ),
      mask_embeddings: rows(EMBEDDING, at),
      category_embeddings: rows(HIDDEN, at),
      text_embeddings: rows(TEXT, (p, c) => (c === p % TEXT ? 1 : 0)),
    };
  },
};

const VOCABULARY = 128 + 2;
const embeddingOf = (id: number): number[] => [...noise(HIDDEN, id + 7)];

const tokenEmbedding: FakeModel = {
  inputs: [port('input_ids', ['B', 'T'])],
  outputs: [port('inputs_embeds', ['B', 'T', HIDDEN])],
  run: ({ input_ids }) => {
    const ids = [...(input_ids?.data as BigInt64Array)].map(Number);
    return { inputs_embeds: tensor([...(input_ids?.dims ?? []), HIDDEN], ids.flatMap(embeddingOf)) };
  },
};

/** Causal, with a cache of its inputs: the next token is a letter that the sum of all inputs so far picks, or the end. */
const languageModel: FakeModel = {
  inputs: [
    'inputs_embeds',
    'attention_mask',
    'position_ids',
    'past_key_values.0.key',
    'past_key_values.0.value',
  ].map((name) => port(name, ['B', 1, 'past', HIDDEN])),
  outputs: [],
  run: (feeds) => {
    const [batch = 0, count = 0] = feeds['inputs_embeds']?.dims ?? [];
    const past = feeds['past_key_values.0.key'];
    const before = past?.dims[2] ?? 0;
    const [keys, logits]: [number[], number[]] = [[], []];
    for (let b = 0; b < batch; b++) {
      const all = [
        ...floats(past).subarray(b * before * HIDDEN, (b + 1) * before * HIDDEN),
        ...floats(feeds['inputs_embeds']).subarray(b * count * HIDDEN, (b + 1) * count * HIDDEN),
      ];
      keys.push(...all);
      for (let t = before; t < before + count; t++) {
        const sum = all
          .slice(0, (t + 1) * HIDDEN)
          .reduce((total, value, i) => total + value * (1 + (i % 7)), 0);
        // Letters a to z are ids 2 + 97 ...; one position in seven ends the text.
        const wanted = (t + 1) % 7 === 4 ? 1 : 2 + 97 + (Math.abs(Math.round(sum * 10)) % 26);
        for (let id = 0; id < VOCABULARY; id++) logits.push(id === wanted ? 3 : 0);
      }
    }
    const cache = tensor([batch, 1, before + count, HIDDEN], keys);
    return {
      logits: tensor([batch, count, VOCABULARY], logits),
      hidden_states: tensor([batch, count, HIDDEN], new Float32Array(batch * count * HIDDEN)),
      'present.0.key': cache,
      'present.0.value': cache,
    };
  },
};

/** A text's embedding points where its first letter says. */
const siglipText: FakeModel = {
  inputs: [port('input_ids', ['B', 'T']), port('attention_mask', ['B', 'T'])],
  outputs: [port('text_embed', ['B', TEXT])],
  run: ({ input_ids }) => {
    const [rows = 0, length = 0] = input_ids?.dims ?? [];
    const ids = [...(input_ids?.data as BigInt64Array)].map(Number);
    const data = new Float32Array(rows * TEXT);
    for (let n = 0; n < rows; n++) {
      const word = ids.slice(n * length, (n + 1) * length).filter((id) => id > 2 + 32);
      data[n * TEXT + ((word[0] ?? 0) % TEXT)] = 1;
    }
    return { text_embed: tensor([rows, TEXT], data) };
  },
};

/** The presets of the toy bundle. */
export const ROSE = { topN: 100, minObjectness: 0.1, threshold: 0.5, nmsIou: 0.5, background: 0.1 };

/** A host whose models are the toy ones; `rose` is merged into the preset of that name. */
export function toyHost(rose: object = {}): FakeHost {
  const onevision = {
    hidden: HIDDEN,
    imageTokens: 16,
    prompt: 'USER: {text} <s>{image} ASSISTANT:',
    bos: '<s>',
    eos: '</s>',
    imStart: '<s>',
    maxNewTokens: 6,
    maxNameTokens: 5,
  };
  return fakeHost({
    bundle: 'toy',
    models: { patchAnalyzer, tokenEmbedding, languageModel, siglipText },
    tokenizer: fakeTokenizer(['<s>', '</s>']),
    presets: {
      onevision,
      rose: { ...ROSE, ...rose },
      siglip: { text: { maxTokens: 20, eos: '</s>', pad: '<s>' } },
    },
  });
}

/** What stages are made with. */
export const contextOf = (models: FakeHost): BuildContext => ({
  models,
  signal: new AbortController().signal,
  warn: () => undefined,
});
