import {
  hostTensor,
  MaskloomError,
  throwIfAborted,
  type BuildContext,
  type HostTensor,
  type ModelHost,
  type ModelSession,
  type RunContext,
  type Tensor,
  type TextEmbedder,
} from '@maskloom/core';
import { toClipInput, toStretchedInput, type InputSpec, type RgbPixels } from '@maskloom/runtime';
import { readClipPreset } from '../preset.js';
import { readSiglipPreset } from '../siglip-preset.js';
import { clipText, siglipText } from '../text/text-embedders.js';

/** Recipes of bundles that hold an image and a text tower which were made for each other, in the order in which they are tried. */
export const TOWERS = ['clip/towers', 'siglip/towers', 'lmseg/full'] as const;

/** Squares that go through the tower in one call. */
const BATCH = 8;

/** An image and a text tower with one space. */
export interface Towers {
  /** The device of the image tower. */
  readonly device: string;
  /** Classes to unit vectors. */
  readonly text: TextEmbedder;
  /** Red, green and blue that the image tower reads as zeros. */
  readonly mean: readonly [number, number, number];
  /**
   * The output of that name for square pictures, in order.
   * @throws MaskloomError STAGE_MISMATCH when the image tower does not give it
   */
  see(squares: readonly RgbPixels[], output: 'dense' | 'image_embed', run: RunContext): Promise<Seen>;
}

/** What a tower gave for some squares. */
export interface Seen {
  /** One list of numbers for each square. */
  readonly values: readonly Float32Array[];
  /** Length of each vector. */
  readonly width: number;
}

/**
 * Opens the towers of a recipe.
 * @param recipe - a recipe of the bundles; the first of {@link TOWERS} that they have when absent
 * @throws MaskloomError BUNDLE_INVALID when there is none
 */
export async function openTowers(recipe: string | undefined, context: BuildContext): Promise<Towers> {
  const { models, id } = await find(recipe, context.models);
  const within = { ...context, models };
  const siglip = id.startsWith('siglip/');
  const session = await models.model(siglip ? 'siglipTower' : 'clipDense');
  const { mean, std, imageSize, resample, crop } = siglip ? readSiglipPreset(models) : readClipPreset(models);
  return {
    device: session.device,
    text: await (siglip ? siglipText() : clipText()).create(within),
    mean: [byte(mean[0]), byte(mean[1]), byte(mean[2])],
    see: async (squares, output, run) => {
      checkGives(session, output);
      const prepare = crop === 'stretch' ? toStretchedInput : toClipInput;
      return seeAll(session, { imageSize, mean, std, resample }, prepare, squares, output, run);
    },
  };
}

async function find(
  recipe: string | undefined,
  models: ModelHost,
): Promise<{ models: ModelHost; id: string }> {
  const ids = recipe === undefined ? TOWERS : [recipe];
  for (const id of ids) {
    try {
      return { models: await models.recipe(id), id };
    } catch (error) {
      if (!MaskloomError.is(error) || error.code !== 'BUNDLE_INVALID') throw error;
    }
  }
  throw new MaskloomError(
    'BUNDLE_INVALID',
    `No bundle has the towers to name masks with: ${ids.join(', ')}.`,
    {
      where: 'clip/mask-names',
      hint: 'Add a bundle with CLIP or SigLIP, e.g. --bundle hub:Xenova/clip-vit-base-patch16, or onnx({ bundle: [sam, clip] }).',
    },
  );
}

function checkGives({ id, outputs }: ModelSession, output: string): void {
  if (outputs.some(({ name }) => name === output)) return;
  throw new MaskloomError('STAGE_MISMATCH', `The image tower '${id}' gives no '${output}'.`, {
    where: 'clip/mask-names',
    hint: `It gives: ${outputs.map(({ name }) => name).join(', ')}. Take by: '${output === 'dense' ? 'crops' : 'tokens'}'.`,
  });
}

async function seeAll(
  session: ModelSession,
  spec: InputSpec,
  prepare: typeof toClipInput,
  squares: readonly RgbPixels[],
  output: string,
  run: RunContext,
): Promise<Seen> {
  const values: Float32Array[] = [];
  let width = 0;
  for (let at = 0; at < squares.length; at += BATCH) {
    throwIfAborted(run.signal, 'clip/mask-names');
    const inputs: HostTensor[] = [];
    for (const square of squares.slice(at, at + BATCH)) inputs.push((await prepare(square, spec)).tensor);
    const given = await session.run(
      { pixel_values: stacked(inputs) },
      { outputs: [output], scope: run.scope, signal: run.signal },
    );
    const tensor: Tensor | undefined = given[output];
    if (tensor === undefined) throw new Error(`Model ${session.id} gave no output '${output}'.`);
    width = tensor.dims.at(-1) ?? 0;
    const all = await tensor.read();
    run.scope.keep(tensor).release();
    const each = all.length / inputs.length;
    inputs.forEach((_, i) => values.push(all.slice(i * each, (i + 1) * each)));
    run.progress(Math.min(1, (at + BATCH) / squares.length), 'parts of the picture');
  }
  return { values, width };
}

/** Pictures of one size as one batch. */
function stacked(inputs: readonly HostTensor[]): HostTensor {
  const [first] = inputs;
  if (first === undefined || inputs.length === 1)
    return first ?? hostTensor('float32', [0], new Float32Array(0));
  const data = new Float32Array(inputs.length * first.data.length);
  inputs.forEach((input, i) => data.set(input.data as Float32Array, i * first.data.length));
  return hostTensor('float32', [inputs.length, ...first.dims.slice(1)], data);
}

function byte(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
