import { z } from 'zod';
import {
  defineStage,
  MaskloomError,
  throwIfAborted,
  VisionEncoder,
  type FeatureMap,
  type ImageFrame,
  type ModelSession,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { toClipInput } from '@maskloom/runtime';
import { readClipPreset, type ClipPreset } from './preset.js';

const options = z.object({
  recipe: z
    .string()
    .optional()
    .describe("Recipe of the bundle whose model and constants are used; the pipeline's own when absent."),
});

/** Options of {@link clipDense} and `siglipDense`. */
export interface DenseTowerOptions {
  /** `system/name` of the bundle's recipe whose model and constants are used; the pipeline's own when absent. */
  readonly recipe?: string | undefined;
}

/**
 * CLIP's vision tower as dense open-vocabulary systems read it: one text-aligned token per patch of the centre square
 * (not normalised), with two intermediate layers as `taps`, in space `clip-dense`. The graph of role `clipDense`
 * decides how the last block is run (CAT-Seg, MaskCLIP: its value projection alone).
 */
export const clipDense: StageFactory<
  'VisionEncoder',
  z.ZodType<unknown, DenseTowerOptions | undefined>,
  'image',
  'vision-tokens' | 'dense-features'
> = defineStage({
  slot: VisionEncoder,
  name: 'clip/dense',
  summary:
    'CLIP vision tower: text-aligned patch tokens and intermediate layers, for dense comparison with texts.',
  options,
  needs: ['image'],
  gives: ['vision-tokens', 'dense-features'],
  async create({ recipe }, { models }) {
    const from = recipe === undefined ? models : await models.recipe(recipe);
    const preset = readClipPreset(from);
    const session = await from.model('clipDense');
    const width = session.outputs.find((port) => port.name === 'dense')?.shape.at(-1);
    return {
      cacheKey: `clip/dense ${from.bundle} ${session.id} ${JSON.stringify(preset)}`,
      ...(typeof width === 'number' ? { widths: { text: width } } : {}),
      device: session.device,
      encode: (image: ImageFrame, run: RunContext) => encode(session, preset, image, run),
    };
  },
});

async function encode(
  session: ModelSession,
  preset: ClipPreset,
  image: ImageFrame,
  run: RunContext,
): Promise<FeatureMap<'ClipPx'>> {
  throwIfAborted(run.signal, 'CLIP dense tower');
  const { tensor: pixels, transform } = await toClipInput(image, preset);
  throwIfAborted(run.signal, 'CLIP dense tower');
  const names = session.outputs.map((port) => port.name).filter((name) => /^tap\d+$/.test(name));
  const outputs = ['dense', ...names.sort()];
  const pixel_values = { ...pixels, givenAway: true };
  const given = await session.run({ pixel_values }, { outputs, scope: run.scope, signal: run.signal });
  const tensor = given['dense'];
  if (tensor === undefined) throw new Error(`Model ${session.id} gave no output 'dense'.`);
  const [, tokens = 0, width = 0] = tensor.dims;
  const side = Math.floor(preset.imageSize / preset.patchSize);
  if (tokens !== side * side) {
    throw new MaskloomError(
      'MODEL_RUN_FAILED',
      `The CLIP tower gave ${tokens} tokens, not ${side} x ${side}.`,
      {
        where: 'clip/dense',
        hint: "The bundle's clip preset (imageSize, patchSize) does not fit its model.",
      },
    );
  }
  const taps = outputs.slice(1).flatMap((name) => given[name] ?? []);
  return { space: 'clip-dense', layout: 'tokens', tensor, taps, width, rows: side, columns: side, transform };
}
