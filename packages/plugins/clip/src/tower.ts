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
} from '@maskloom/core';
import { toClipInput } from '@maskloom/runtime';
import { readClipPreset, type ClipPreset } from './preset.js';

/**
 * CLIP's vision tower as LLaVA reads it: shortest side to the input size, centre crop; one token per patch,
 * no class token, in space `clip`. The ends of a non-square image's longer side are not seen.
 */
export const clipTower = defineStage({
  slot: VisionEncoder,
  name: 'clip/tower',
  summary: 'CLIP vision tower: patch tokens of the centre square for the language model.',
  options: z.object({}),
  needs: ['image'],
  gives: ['vision-tokens'],
  async create(_, { models }) {
    const preset = readClipPreset(models);
    const session = await models.model('clipTower');
    const width = session.outputs.find((port) => port.name === 'patch_features')?.shape.at(-1);
    return {
      cacheKey: `clip/tower ${models.bundle} ${session.id} ${JSON.stringify(preset)}`,
      ...(typeof width === 'number' ? { widths: { vision: width } } : {}),
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
  throwIfAborted(run.signal, 'CLIP tower');
  const { tensor: pixel_values, transform } = await toClipInput(image, preset);
  throwIfAborted(run.signal, 'CLIP tower');
  const outputs = ['patch_features'];
  const given = await session.run({ pixel_values }, { outputs, scope: run.scope, signal: run.signal });
  const tensor = given['patch_features'];
  if (tensor === undefined) throw new Error(`Model ${session.id} gave no output 'patch_features'.`);
  const [, tokens = 0, width = 0] = tensor.dims;
  const side = Math.floor(preset.imageSize / preset.patchSize);
  if (tokens !== side * side) {
    throw new MaskloomError(
      'MODEL_RUN_FAILED',
      `The CLIP tower gave ${tokens} tokens, not ${side} x ${side}.`,
      {
        where: 'clip/tower',
        hint: "The bundle's clip preset (imageSize, patchSize) does not fit its model.",
      },
    );
  }
  return { space: 'clip', layout: 'tokens', tensor, width, rows: side, columns: side, transform };
}
