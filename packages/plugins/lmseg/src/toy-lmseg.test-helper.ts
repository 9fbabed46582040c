import { hostTensor, type HostTensor, type ModelPort } from '@maskloom/core';
import { fakeHost, fakeTokenizer, noise, type FakeHost, type FakeModel } from '@maskloom/core/conformance';

/** Grid side, channels of the texts' space, width of the cost embedding, heads, width of a head. */
const [G, C, D, H, W] = [4, 8, 4, 2, 2] as const;
/** Side of every view in pixels. */
export const SIDE = 32;
const CELLS = G * G;

type Feeds = Readonly<Record<string, HostTensor>>;
const values = (feeds: Feeds, name: string): Float32Array => feeds[name]?.data as Float32Array;
const float = (dims: readonly number[], data: ArrayLike<number>): HostTensor =>
  hostTensor('float32', dims, Float32Array.from(data));
const port = (name: string, shape: (number | string)[], dtype: ModelPort['dtype'] = 'float32') => ({
  name,
  dtype,
  shape,
});

/** Mean of each cell's pixels in one channel, row-major. */
function cellMeans(pixels: Float32Array): Float32Array {
  const step = SIDE / G;
  return Float32Array.from({ length: 3 * CELLS }, (_, i) => {
    const [channel, cell] = [Math.floor(i / CELLS), i % CELLS];
    let sum = 0;
    for (let y = 0; y < step; y++)
      for (let x = 0; x < step; x++)
        sum += pixels[(channel * SIDE + Math.floor(cell / G) * step + y) * SIDE + (cell % G) * step + x] ?? 0;
    return sum / step ** 2;
  });
}

const mixing = noise(C * 3, 3);

/** Channels that tell colours apart. */
function colourFeatures(pixels: Float32Array, cell: number): number[] {
  const means = cellMeans(pixels);
  return Array.from({ length: C }, (_, c) =>
    [0, 1, 2].reduce(
      (sum, k) => sum + (mixing[3 * c + k] ?? 0) * (means[k * CELLS + cell] ?? 0),
      c === 0 ? 1 : 0,
    ),
  );
}

const clipDense: FakeModel = {
  inputs: [port('pixel_values', ['B', 3, SIDE, SIDE])],
  outputs: [port('dense', ['B', CELLS, C]), port('tap1', ['B', CELLS, 2]), port('tap2', ['B', CELLS, 2])],
  run: (feeds) => {
    const pixels = values(feeds, 'pixel_values');
    const dense = Array.from({ length: CELLS }, (_, cell) => colourFeatures(pixels, cell)).flat();
    const tap = float(
      [1, CELLS, 2],
      dense.filter((_, i) => i % C < 2),
    );
    return { dense: float([1, CELLS, C], dense), tap1: tap, tap2: tap };
  },
};

const samEncoder: FakeModel = {
  inputs: [port('pixel_values', ['B', 3, SIDE, SIDE])],
  outputs: [port('image_embeddings', ['B', C, G, G])],
  run: (feeds) => {
    const means = cellMeans(values(feeds, 'pixel_values'));
    const grid = Array.from(
      { length: C * CELLS },
      (_, i) => 1 + (means[(Math.floor(i / CELLS) % 3) * CELLS + (i % CELLS)] ?? 0) * Math.floor(i / CELLS),
    );
    return { image_embeddings: float([1, C, G, G], grid) };
  },
};

/** A unit vector per row, from its ids alone: padding must not count. */
const clipText: FakeModel = {
  inputs: [port('input_ids', ['B', 'T'], 'int64'), port('attention_mask', ['B', 'T'], 'int64')],
  outputs: [port('text_embed', ['B', C])],
  run: ({ input_ids, attention_mask }) => {
    const [rows = 0, length = 0] = input_ids?.dims ?? [];
    const out = Array.from({ length: rows }, (_, row) => {
      let seed = 7;
      for (let t = 0; t < length; t++) {
        if (attention_mask?.data[row * length + t] === 0n) continue;
        seed = (seed * 31 + Number(input_ids?.data[row * length + t])) % 100_003;
      }
      const vector = noise(C, seed);
      const norm = Math.hypot(...vector);
      return Array.from(vector, (value) => value / norm);
    });
    return { text_embed: float([rows, C], out.flat()) };
  },
};

function unit(grid: number[]): number[] {
  for (let cell = 0; cell < CELLS; cell++) {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += (grid[c * CELLS + cell] ?? 0) ** 2;
    for (let c = 0; c < C; c++) grid[c * CELLS + cell] = (grid[c * CELLS + cell] ?? 0) / Math.sqrt(sum);
  }
  return grid;
}

/** w c + (1 - w) s of unit features, normalised again. */
function weighted(feeds: Feeds, weight: Float32Array): HostTensor {
  const clip = values(feeds, 'clip');
  const c = unit(
    Array.from({ length: C * CELLS }, (_, i) => clip[(i % CELLS) * C + Math.floor(i / CELLS)] ?? 0),
  );
  const s = unit([...values(feeds, 'sam')]);
  return float(
    [1, C, G, G],
    unit(c.map((value, i) => (weight[0] ?? 0) * value + (1 - (weight[0] ?? 0)) * (s[i] ?? 0))),
  );
}

const fusionInputs = [port('clip', [1, CELLS, C]), port('sam', [1, C, G, G])];
const fusion: FakeModel = {
  inputs: fusionInputs,
  outputs: [port('fused', [1, C, G, G]), port('weight', [1])],
  run: (feeds) => ({ fused: weighted(feeds, Float32Array.of(0.75)), weight: float([1], [0.75]) }),
};
const fusionAt: FakeModel = {
  inputs: [...fusionInputs, port('weight', [1])],
  outputs: [port('fused', [1, C, G, G])],
  run: (feeds) => ({ fused: weighted(feeds, values(feeds, 'weight')) }),
};

const embedPort = port('embed', ['T', D, G, G]);
const costEmbed: FakeModel = {
  inputs: [port('cost', ['T', 1, G, G])],
  outputs: [embedPort],
  run: (feeds) => {
    const [count = 0] = feeds['cost']?.dims ?? [];
    const cost = values(feeds, 'cost');
    const embed = Array.from({ length: count * D * CELLS }, (_, i) => {
      const [t, d, cell] = [Math.floor(i / (D * CELLS)), Math.floor(i / CELLS) % D, i % CELLS];
      return (d + 1) * (cost[t * CELLS + cell] ?? 0) - d / 4;
    });
    return { embed: float([count, D, G, G], embed) };
  },
};

/** Mixes each cell with its left neighbour, led by the guidance. */
const spatial: FakeModel = {
  inputs: [embedPort, port('guidance', [1, CELLS, C])],
  outputs: [port('enhanced', ['T', D, G, G])],
  run: (feeds) => {
    const embed = values(feeds, 'embed');
    const guide = values(feeds, 'guidance');
    const out = embed.map(
      (value, i) => value + 0.3 * (embed[i % G === 0 ? i : i - 1] ?? 0) + 0.1 * (guide[(i % CELLS) * C] ?? 0),
    );
    return { enhanced: float(feeds['embed']?.dims ?? [], out) };
  },
};

const phi = (x: number): number => (x > 0 ? x + 1 : Math.exp(x));
/** Feature of class t, head h, at a cell: from its embedding and its text. */
const feature = (feeds: Feeds, t: number, h: number, d: number, cell: number): number =>
  phi(
    (values(feeds, 'embed')[(t * D + h * W + d) * CELLS + cell] ?? 0) +
      (values(feeds, 'text')[t * C + d] ?? 0),
  );

const sums: FakeModel = {
  inputs: [embedPort, port('text', ['T', C])],
  outputs: [port('kv', [CELLS, H, W, W]), port('k', [CELLS, H, W])],
  run: (feeds) => {
    const [count = 0] = feeds['embed']?.dims ?? [];
    const kv = new Float32Array(CELLS * H * W * W);
    const k = new Float32Array(CELLS * H * W);
    for (let cell = 0; cell < CELLS; cell++)
      for (let h = 0; h < H; h++)
        for (let t = 0; t < count; t++)
          for (let a = 0; a < W; a++) {
            const key = feature(feeds, t, h, a, cell);
            k[(cell * H + h) * W + a] = (k[(cell * H + h) * W + a] ?? 0) + key;
            for (let b = 0; b < W; b++) {
              const at = ((cell * H + h) * W + a) * W + b;
              kv[at] =
                (kv[at] ?? 0) + key * (values(feeds, 'embed')[(t * D + h * W + b) * CELLS + cell] ?? 0);
            }
          }
    return { kv: float([CELLS, H, W, W], kv), k: float([CELLS, H, W], k) };
  },
};

const applySums: FakeModel = {
  inputs: [embedPort, port('text', ['T', C]), port('kv', [CELLS, H, W, W]), port('k', [CELLS, H, W])],
  outputs: [port('enhanced', ['T', D, G, G])],
  run: (feeds) => {
    const [kv, k] = [values(feeds, 'kv'), values(feeds, 'k')];
    const out = values(feeds, 'embed').map((value, i) => {
      const [t, d, cell] = [Math.floor(i / (D * CELLS)), Math.floor(i / CELLS) % D, i % CELLS];
      const [h, b] = [Math.floor(d / W), d % W];
      let [top, bottom] = [0, 1e-6];
      for (let a = 0; a < W; a++) {
        const query = feature(feeds, t, h, a, cell);
        top += query * (kv[((cell * H + h) * W + a) * W + b] ?? 0);
        bottom += query * (k[(cell * H + h) * W + a] ?? 0);
      }
      return value + top / bottom;
    });
    return { enhanced: float(feeds['embed']?.dims ?? [], out) };
  },
};

/** Each cell four times in each direction; logits far from where a sigmoid is 1 in single precision, so that none tie. */
const upsample: FakeModel = {
  inputs: [embedPort, port('tap1', [1, CELLS, 2]), port('tap2', [1, CELLS, 2])],
  outputs: [port('logits', ['T', 4 * G, 4 * G])],
  run: (feeds) => {
    const [count = 0] = feeds['embed']?.dims ?? [];
    const [embed, tap] = [values(feeds, 'embed'), values(feeds, 'tap1')];
    const side = 4 * G;
    const logits = Array.from({ length: count * side * side }, (_, i) => {
      const [t, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
      const cell = Math.floor(y / 4) * G + Math.floor(x / 4);
      return (embed[t * D * CELLS + cell] ?? 0) + 0.1 * (tap[2 * cell] ?? 0);
    });
    return { logits: float([count, side, side], logits) };
  },
};

const layer = { spatial0: spatial, classSums0: sums, classApply0: applySums };
const MODELS: Readonly<Record<string, FakeModel>> = {
  clipDense,
  samEncoder,
  clipText,
  fusion,
  fusionAt,
  costEmbed,
  ...layer,
  spatial1: spatial,
  classSums1: sums,
  classApply1: applySums,
  upsample,
};

/** The toy's world, as a bundle's preset says it. */
export const WORLD = {
  shapes: ['star', 'ring'],
  stuff: ['grass', 'sky'],
  invented: [{ name: 'blicket', shape: 'star', colour: 'red', texture: 'striped' }],
};

const PRESETS = {
  clip: { imageSize: SIDE, patchSize: SIDE / G, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  sam: { imageSize: SIDE, maskSize: 16, embedDim: C, mean: [127, 127, 127], std: [127, 127, 127] },
  lmseg: {
    window: SIDE,
    overlap: 0.333,
    resizeTo: 53,
    chunk: 3,
    layers: 2,
    classCap: null,
    background: null,
    vocabulary: WORLD,
    text: { eos: '</s>', pad: '<pad>', maxTokens: 90 },
  },
};

/**
 * LMSeg in a few lines of TypeScript: the graph's ports and algebra, with weights that mean nothing.
 * @param without - roles that the bundle lacks
 */
export function toyLmseg(without: readonly string[] = []): FakeHost {
  return fakeHost({
    models: Object.fromEntries(Object.entries(MODELS).filter(([role]) => !without.includes(role))),
    presets: PRESETS,
    tokenizer: fakeTokenizer(['<pad>', '</s>']),
  });
}

/** A source of toy hosts, for `compose(...).on(source)`. */
export const toySource = (without: readonly string[] = []) => ({ open: async () => toyLmseg(without) });

/** Sizes that the conformance suite must use with the toy. */
export const TOY_SIZES = { features: C, vision: C, text: C, grid: G, input: SIDE, mask: 4 * G } as const;
