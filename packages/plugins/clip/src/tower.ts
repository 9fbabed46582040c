import { z } from 'zod';
import { defineStage, VisionEncoder, type ImageFrame, type RunContext } from '@maskloom/core';
import { toClipInput } from '@maskloom/runtime';
import { readClipPreset } from './preset.js';
import { encodePatches } from './encode-patches.js';

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
      encode: (image: ImageFrame, run: RunContext) =>
        encodePatches({ session, preset, space: 'clip', prepare: toClipInput }, image, run),
    };
  },
});
