import { z } from 'zod';
import {
  defineStage,
  VisionEncoder,
  type ImageFrame,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { toClipInput, toStretchedInput } from '@maskloom/runtime';
import type { DenseTowerOptions } from './dense.js';
import { encodePatches } from './encode-patches.js';
import { readSiglipPreset } from './siglip-preset.js';

const options = z.object({
  recipe: z
    .string()
    .optional()
    .describe("Recipe of the bundle whose model and constants are used; the pipeline's own when absent."),
});

/**
 * SigLIP's vision tower for dense comparison with texts, in the place of CLIP's: its patch tokens as they are, without
 * intermediate layers. They can be compared with `siglipText` only where both have one width, which `build()` checks.
 */
export const siglipDense: StageFactory<
  'VisionEncoder',
  z.ZodType<unknown, DenseTowerOptions | undefined>,
  'image',
  'vision-tokens' | 'dense-features'
> = defineStage({
  slot: VisionEncoder,
  name: 'clip/siglip-dense',
  summary: 'SigLIP vision tower: patch tokens for dense comparison with texts.',
  options,
  needs: ['image'],
  gives: ['vision-tokens', 'dense-features'],
  async create({ recipe }, { models }) {
    const from = recipe === undefined ? models : await models.recipe(recipe);
    const preset = readSiglipPreset(from);
    const session = await from.model('siglipTower');
    const width = session.outputs.find((port) => port.name === 'patch_features')?.shape.at(-1);
    const prepare = preset.crop === 'stretch' ? toStretchedInput : toClipInput;
    return {
      cacheKey: `clip/siglip-dense ${from.bundle} ${session.id} ${JSON.stringify(preset)}`,
      ...(typeof width === 'number' ? { widths: { text: width } } : {}),
      device: session.device,
      encode: (image: ImageFrame, run: RunContext) =>
        encodePatches({ session, preset, space: 'siglip', prepare }, image, run),
    };
  },
});
