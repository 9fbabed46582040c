import {
  hostTensor,
  type HostTensor,
  type ModelPort,
  type Recipe,
  type Signal,
  type StageSpec,
  type Tokenizer,
} from '@maskloom/core';
import { fakeHost, type FakeHost, type FakeHostOptions, type FakeModel } from '@maskloom/core/conformance';
import type { RefineWiring } from './define-recipe.js';

/** Input side, patches per side and side of the decoder's masks. */
export const SIDE = 16;
const GRID = 4;
const WORDS = ['<s>', '</s>', '<im_start>', '<im_end>', '.', 'star', 'ring', 'word'];
const STAR = 5;
const DOT = 4;

const tokenizer: Tokenizer = {
  encode: (text) =>
    text
      .replaceAll(/(<im_start>|<im_end>|<CATEGORY>)/g, ' $1 ')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => (WORDS.includes(word) ? WORDS.indexOf(word) : WORDS.length - 1)),
  decode: (ids) => ids.map((id) => WORDS[id] ?? '?').join(' '),
  id: (token) => Math.max(0, WORDS.indexOf(token)),
};

const port = (name: string, shape: (number | string)[]): ModelPort => ({ name, dtype: 'float32', shape });
const floats = (tensor: HostTensor | undefined): Float32Array => tensor?.data as Float32Array;

/** What the toy models were fed. */
export interface Fed {
  /** `pixel_values` of each tower call. */
  readonly pixels: HostTensor[];
  /** Prompts, points per prompt and whether a mask came along, of each decoder call. */
  readonly decoder: string[];
  /** Rows of each call of the language model. */
  readonly rows: number[];
}

/** Per patch: column, row, mean of the red plane (0..1), and -1, which marks an image token. */
const tower = (planes: number, fed: Fed): FakeModel => ({
  inputs: [port('pixel_values', ['B', planes, SIDE, SIDE])],
  outputs: [port('patch_features', ['B', GRID * GRID, 4])],
  run: ({ pixel_values }) => {
    if (pixel_values !== undefined) fed.pixels.push(pixel_values);
    const data = Float32Array.from({ length: GRID * GRID * 4 }, (_, i) => {
      const patch = Math.floor(i / 4);
      const [column, row] = [patch % GRID, Math.floor(patch / GRID)];
      const at = (row * 4 + 2) * SIDE + column * 4 + 2;
      return [column, row, ((floats(pixel_values)[at] ?? 0) + 1) / 2, -1][i % 4] ?? 0;
    });
    return { patch_features: hostTensor('float32', [1, GRID * GRID, 4], data) };
  },
});

const projector: FakeModel = {
  inputs: [port('patch_features', ['B', 'L', 4])],
  outputs: [port('image_tokens', ['B', 'L', 4])],
  run: ({ patch_features }) => ({
    image_tokens: hostTensor('float32', [1, GRID * GRID, 4], floats(patch_features).slice()),
  }),
};

/** Written names carry a mark, so that a stop follows them. */
const tokenEmbedding: FakeModel = {
  inputs: [port('input_ids', ['B', 'T'])],
  outputs: [port('inputs_embeds', ['B', 'T', 4])],
  run: ({ input_ids }) => {
    const ids = [...(input_ids?.data as BigInt64Array)].map(Number);
    const dims = [...(input_ids?.dims ?? []), 4];
    const rows = ids.flatMap((id) => [0, 0, 0, id === STAR || id === STAR + 1 ? 100 : 0]);
    return { inputs_embeds: hostTensor('float32', dims, Float32Array.from(rows)) };
  },
};

/** Image tokens keep their own features; the state of a word is the sum of all words so far. */
const languageModel = (fed: Fed): FakeModel => ({
  inputs: [
    'inputs_embeds',
    'attention_mask',
    'position_ids',
    'past_key_values.0.key',
    'past_key_values.0.value',
  ].map((name) => port(name, ['B', 1, 'past', 4])),
  outputs: [],
  run: (feeds) => {
    const [batch = 1, count = 0] = feeds['inputs_embeds']?.dims ?? [];
    fed.rows.push(batch);
    const past = floats(feeds['past_key_values.0.key']);
    const before = past.length / 4 / batch;
    const total = before + count;
    const all = new Float32Array(batch * total * 4);
    const states = new Float32Array(batch * count * 4);
    const logits = new Float32Array(batch * count * WORDS.length);
    for (let b = 0; b < batch; b++) {
      all.set(past.subarray(b * before * 4, (b + 1) * before * 4), b * total * 4);
      all.set(
        floats(feeds['inputs_embeds']).subarray(b * count * 4, (b + 1) * count * 4),
        (b * total + before) * 4,
      );
      const sum = [0, 0, 0, 0];
      for (let t = 0; t < total; t++) {
        const row = all.subarray((b * total + t) * 4, (b * total + t + 1) * 4);
        const image = row[3] === -1;
        if (!image) row.forEach((value, d) => (sum[d] = (sum[d] ?? 0) + value));
        if (t < before) continue;
        const at = b * count + t - before;
        states.set(image ? row : sum, at * 4);
        const next = (sum[3] ?? 0) >= 100 ? DOT : (sum[2] ?? 0) > 0.5 ? STAR + 1 : STAR;
        logits[at * WORDS.length + next] = 9;
      }
    }
    return {
      logits: hostTensor('float32', [batch, count, WORDS.length], logits),
      hidden_states: hostTensor('float32', [batch, count, 4], states),
      'present.0.key': hostTensor('float32', [batch, 1, total, 4], all),
      'present.0.value': hostTensor('float32', [batch, 1, total, 4], all.slice()),
    };
  },
});

/** The redder a patch, the more it is an object; a red one (over a half) is called ring, another star. */
const patchAnalyzer: FakeModel = {
  inputs: [port('states', ['P', 4])],
  outputs: [
    port('objectness', ['P']),
    port('mask_embeddings', ['P', 2]),
    port('category_embeddings', ['P', 4]),
  ],
  run: ({ states }) => {
    const rows = Array.from({ length: floats(states).length / 4 }, (_, p) =>
      floats(states).subarray(4 * p, 4 * p + 4),
    );
    return {
      objectness: hostTensor(
        'float32',
        [rows.length],
        Float32Array.from(rows, (r) => 8 * (r[2] ?? 0) - 4),
      ),
      mask_embeddings: hostTensor(
        'float32',
        [rows.length, 2],
        Float32Array.from(rows.flatMap((r) => [r[0] ?? 0, r[1] ?? 0])),
      ),
      category_embeddings: hostTensor(
        'float32',
        [rows.length, 4],
        Float32Array.from(rows.flatMap((r) => [0, 0, r[2] ?? 0, 0])),
      ),
    };
  },
};

const samEncoder: FakeModel = {
  inputs: [port('pixel_values', ['B', 3, SIDE, SIDE])],
  outputs: [port('image_embeddings', ['B', 2, 4, 4])],
  run: () => ({ image_embeddings: hostTensor('float32', [1, 2, 4, 4], new Float32Array(32)) }),
};

/** The mask is the patch that the embedding names, or nothing when `blind`. */
const samDecoder = (fed: Fed, blind: boolean): FakeModel => ({
  inputs: [
    port('point_coords', ['N', 'P', 2]),
    port('mask_input', ['N', 1, SIDE, SIDE]),
    port('embeddings', ['N', 'E', 2]),
  ],
  outputs: [port('masks', ['N', 4, SIDE, SIDE]), port('iou', ['N', 4])],
  run: ({ point_coords, has_mask, embeddings }) => {
    const [count = 0] = embeddings?.dims ?? [];
    fed.decoder.push(`${count} with points ${point_coords?.dims[1]} mask ${has_mask?.data[0]}`);
    const masks = Float32Array.from({ length: count * 4 * SIDE * SIDE }, (_, i) => {
      const [x, y, n] = [i % SIDE, Math.floor(i / SIDE) % SIDE, Math.floor(i / (4 * SIDE * SIDE))];
      const [column, row] = floats(embeddings).subarray(2 * n, 2 * n + 2);
      return !blind && Math.floor(x / 4) === column && Math.floor(y / 4) === row ? 5 : -5;
    });
    const iou = Float32Array.from({ length: 4 * count }, (_, i) => (i % 4 === 0 ? 0.9 : 0));
    return {
      masks: hostTensor('float32', [count, 4, SIDE, SIDE], masks),
      iou: hostTensor('float32', [count, 4], iou),
    };
  },
});

/** Options of a host of toy models, and what they will have been fed. */
export function toyModels(
  paradigm: string,
  { planes = paradigm === 'concat' ? 4 : 3, blind = false, refine = {} as object } = {},
): { readonly options: FakeHostOptions; readonly fed: Fed } {
  const fed: Fed = { pixels: [], decoder: [], rows: [] };
  const ten = (text: string): string[] => Array.from({ length: 10 }, (_, i) => `${text} ${i}`);
  const size = { imageSize: SIDE, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  const options: FakeHostOptions = {
    tokenizer,
    models: {
      siglipTower: tower(planes, fed),
      projector,
      tokenEmbedding,
      languageModel: languageModel(fed),
      patchAnalyzer,
      samEncoder,
      samDecoder: samDecoder(fed, blind),
    },
    presets: {
      siglip: { ...size, patchSize: 4, resample: 'bicubic', crop: 'stretch' },
      sam: { imageSize: SIDE, maskSize: SIDE, embedDim: 2, mean: [0, 0, 0], std: [1, 1, 1] },
      onevision: {
        hidden: 4,
        imageTokens: GRID * GRID,
        prompt: 'USER: {text} <im_start>{image}<im_end> ASSISTANT:',
        bos: '<s>',
        eos: '</s>',
        imStart: '<im_start>',
        maxNewTokens: 8,
        positions: 100,
        decode: 'USER: <CATEGORY> what ? ASSISTANT:',
        decodeStop: '.',
      },
      rose: { minObjectness: 0.5 },
      refine: {
        paradigm,
        situations: { mask: ten('fix'), category: ten('not {category}'), missed: ten('look') },
        ...refine,
      },
    },
  };
  return { options, fed };
}

/** A refiner that brings the other stages of its recipe along, to be called by itself. */
export function selfContained(recipe: Recipe<RefineWiring>): StageSpec<'Refiner', Signal, 'segments'> {
  const { Refiner, ...others } = recipe.stages;
  return {
    ...Refiner,
    async create(context) {
      const refiner = await Refiner.create(context);
      const stages = {
        Encoder: await others.Encoder.create(context),
        LanguageModel: await others.LanguageModel.create(context),
        PatchAnalyzer: await others.PatchAnalyzer.create(context),
        MaskDecoder: await others.MaskDecoder.create(context),
        CategoryGenerator: await others.CategoryGenerator.create(context),
      };
      return {
        ...refiner,
        refine: (image, prediction, instruction, run) =>
          refiner.refine(image, prediction, instruction, run, stages),
      };
    },
  } as StageSpec<'Refiner', Signal, 'segments'>;
}

/** A host of toy models. */
export const toyHost = (paradigm: string): FakeHost => fakeHost(toyModels(paradigm).options);
