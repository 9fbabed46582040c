import { z } from 'zod';
import { defineStage, VisionEncoder, type ImageFrame, type RunContext } from '@maskloom/core';
import { toClipInput, toPaddedInput, toStretchedInput } from '@maskloom/runtime';
import { encodePatches } from './encode-patches.js';
import { readSiglipPreset } from './siglip-preset.js';

const PREPARE = { stretch: toStretchedInput, centre: toClipInput, pad: toPaddedInput };

/**
 * SigLIP's vision tower as LLaVA-OneVision reads it: one token per patch, in space `siglip`. The preset says whether
 * the image is stretched to the square input (as SigLIP does: all of it is seen), cut to its centre square, or padded
 * as SAM's, so that a patch and SAM's cell of the same place see the same pixels.
 */
export const siglipTower = defineStage({
  slot: VisionEncoder,
  name: 'clip/siglip-tower',
  summary: 'SigLIP vision tower: patch tokens for the language model.',
  options: z.object({}),
  needs: ['image'],
  gives: ['vision-tokens'],
  async create(_, { models }) {
    const preset = readSiglipPreset(models);
    const session = await models.model('siglipTower');
    const width = session.outputs.find((port) => port.name === 'patch_features')?.shape.at(-1);
    const prepare = PREPARE[preset.crop];
    return {
      cacheKey: `clip/siglip-tower ${models.bundle} ${session.id} ${JSON.stringify(preset)}`,
      ...(typeof width === 'number' ? { widths: { vision: width } } : {}),
      device: session.device,
      encode: (image: ImageFrame, run: RunContext) =>
        encodePatches({ session, preset, space: 'siglip', prepare }, image, run),
    };
  },
});
