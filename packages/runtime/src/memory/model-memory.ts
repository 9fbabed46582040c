import type { ModelPort } from '@maskloom/core';

/** What is known of a model before it is opened. */
export interface ModelFacts {
  /** Size of its weights on disk. */
  readonly bytes: number;
  /** Element type of the stored weights, as the manifest names it. */
  readonly dtype: string;
  /** What the graph takes. */
  readonly inputs: readonly ModelPort[];
  /** What the graph gives. */
  readonly outputs: readonly ModelPort[];
}

/** Memory that a model is expected to take on the CPU, in bytes. Estimates, from sizes and ports. */
export interface ModelMemory {
  /** Most of it while it is opened. */
  readonly open: number;
  /** What it holds between calls, when calls give theirs back. */
  readonly resident: number;
  /** Most of it during a call, with what it holds. */
  readonly run: number;
}

/**
 * Of the stored bytes: the peak while opening and what is held afterwards. Measured with ONNX Runtime 1.30 on the CPU:
 * float32 weights are copied once; float16 weights are made float32; blocks of 4 and 8 bits are packed anew.
 */
const WEIGHTS: Readonly<
  Record<string, { readonly open: number; readonly held: number; readonly size: number }>
> = {
  float32: { open: 2.1, held: 1.1, size: 4 },
  float16: { open: 3.2, held: 2.1, size: 2 },
  int8: { open: 2.1, held: 1.1, size: 1 },
  int4: { open: 2.1, held: 1.1, size: 0.5625 },
  nf4: { open: 2.1, held: 1.1, size: 0.5625 },
};
const FLOAT = 4;
/** Scores, scores with their bias, and their softmax live side by side. */
const SCORE_COPIES = 3;
/** Widths of a layer's parts that live side by side: queries, keys, values, the four times wider inner layer and its bend. */
const LAYER_WIDTHS = 12;
/** Tokens read in one go where nothing says how many. */
const TYPICAL_TOKENS = 1024;

/**
 * What a model is expected to take, from its size and ports alone: the weights, and of a call the largest table of
 * attention scores and the widest layer. Meant to tell what fits from what does not: within a factor of 1.5 of what was
 * measured for SAM ViT-B, CLIP L/14 and LLaVA-7B's widths; a graph that works its heads one by one takes less.
 * @param tokens - tokens that a language model reads in one go, and may keep
 */
export function estimateMemory(model: ModelFacts, tokens = TYPICAL_TOKENS): ModelMemory {
  const { open, held, size } = WEIGHTS[model.dtype] ?? { open: 3.2, held: 2.1, size: 4 };
  const resident = model.bytes * held;
  const parameters = model.bytes / size;
  return { open: model.bytes * open, resident, run: resident + callMemory(model, parameters, tokens) };
}

function callMemory(model: ModelFacts, parameters: number, tokens: number): number {
  const cache = model.inputs.filter(({ name }) => name.startsWith('past_key_values.'));
  if (cache.length > 0) return decoderMemory(model, cache, tokens);
  const pixels = model.inputs.find(({ name }) => name === 'pixel_values');
  if (pixels !== undefined) return encoderMemory(model, pixels, parameters);
  return 2 * [...model.inputs, ...model.outputs].reduce((sum, port) => sum + portBytes(port), 0);
}

/** The cache before and after a step, scores of all tokens on all tokens, the widest layer, and the logits. */
function decoderMemory(model: ModelFacts, cache: readonly ModelPort[], tokens: number): number {
  const perToken = cache.reduce((sum, { shape }) => sum + fixed(shape[1]) * fixed(shape[3]), 0);
  const width = fixed(model.inputs.find(({ name }) => name === 'inputs_embeds')?.shape[2]);
  const heads = width / fixed(cache[0]?.shape[3]);
  const vocabulary = fixed(model.outputs.find(({ name }) => name === 'logits')?.shape[2]);
  const logits = model.inputs.some(({ name }) => name === 'logits_at') ? vocabulary : vocabulary * tokens;
  const values =
    2 * perToken * tokens + SCORE_COPIES * heads * tokens ** 2 + LAYER_WIDTHS * width * tokens + 2 * logits;
  return FLOAT * values;
}

/** A vision transformer's table of scores of every patch on every patch, and its widest layer. */
function encoderMemory({ outputs }: ModelFacts, pixels: ModelPort, parameters: number): number {
  const side = fixed(pixels.shape[2]);
  const tokens = patches(outputs[0], side);
  const { heads, width } = transformerOf(parameters);
  return FLOAT * (SCORE_COPIES * heads * tokens ** 2 + LAYER_WIDTHS * width * tokens + 3 * side ** 2);
}

/** Patches of a picture: rows times columns of a map, or the tokens; of 16 pixels' side where the port does not say. */
function patches(output: ModelPort | undefined, side: number): number {
  const [, second, third, fourth] = output?.shape ?? [];
  const count =
    output?.shape.length === 4 && typeof third === 'number' && typeof fourth === 'number'
      ? third * fourth
      : output?.shape.length === 3 && typeof second === 'number'
        ? second
        : (side / 16) ** 2;
  return Math.max(1, count);
}

/** Heads and width of the vision transformers that are in use, by their number of parameters. */
function transformerOf(parameters: number): { readonly heads: number; readonly width: number } {
  if (parameters > 500e6) return { heads: 16, width: 1280 };
  if (parameters > 200e6) return { heads: 16, width: 1024 };
  if (parameters > 50e6) return { heads: 12, width: 768 };
  if (parameters > 15e6) return { heads: 6, width: 384 };
  return { heads: 4, width: 192 };
}

function portBytes({ shape }: ModelPort): number {
  return FLOAT * shape.reduce<number>((product, axis) => product * fixed(axis), 1);
}

function fixed(axis: number | string | undefined): number {
  return typeof axis === 'number' ? axis : 1;
}
