import { z } from 'zod';
import {
  defineStage,
  Encoder,
  throwIfAborted,
  type FeatureMap,
  type ImageFrame,
  type ModelSession,
  type RunContext,
} from '@maskloom/core';
import { toSamInput, toStretchedSamInput } from '@maskloom/runtime';
import { readSamPreset, type SamPreset } from './preset.js';

/**
 * SAM's image encoder: longest side to the input size, normalised, padded right and bottom; features
 * [1, embedDim, rows, columns] in space `sam`; SAM 2's finer levels are its taps.
 */
export const samEncoder = defineStage({
  slot: Encoder,
  name: 'sam/encoder',
  summary: 'SAM image encoder: the features that masks are decoded from.',
  options: z.object({}),
  needs: ['image'],
  gives: ['mask-features'],
  async create(_, { models }) {
    const preset = readSamPreset(models);
    const session = await models.model('samEncoder');
    return {
      cacheKey: `sam/encoder ${models.bundle} ${session.id} ${JSON.stringify(preset)}`,
      widths: { features: preset.embedDim },
      device: session.device,
      encode: (image: ImageFrame, run: RunContext) => encode(session, preset, image, run),
    };
  },
});

async function encode(
  session: ModelSession,
  preset: SamPreset,
  image: ImageFrame,
  run: RunContext,
): Promise<FeatureMap<'SamPx'>> {
  throwIfAborted(run.signal, 'SAM image encoder');
  const { tensor: pixel_values, transform } = await (
    preset.fit === 'stretch' ? toStretchedSamInput : toSamInput
  )(image, preset);
  throwIfAborted(run.signal, 'SAM image encoder');
  const feeds = { pixel_values };
  // SAM 2's finer levels, which its decoder upsamples with.
  const finer = session.outputs.map((port) => port.name).filter((name) => /^high_res_\d+$/.test(name));
  const outputs = ['image_embeddings', ...finer.sort()];
  const given = await session.run(feeds, { outputs, scope: run.scope, signal: run.signal });
  const tensor = given['image_embeddings'];
  if (tensor === undefined) throw new Error(`Model ${session.id} gave no output 'image_embeddings'.`);
  const [, width = 0, rows = 0, columns = 0] = tensor.dims;
  const taps = finer.flatMap((name) => given[name] ?? []);
  return {
    space: 'sam',
    layout: 'grid',
    tensor,
    ...(taps.length > 0 ? { taps } : {}),
    width,
    rows,
    columns,
    transform,
  };
}
