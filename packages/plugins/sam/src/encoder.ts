import { z } from 'zod';
import {
  defineStage,
  Encoder,
  MaskloomError,
  throwIfAborted,
  type FeatureMap,
  type ImageFrame,
  type RunContext,
  type StageFactory,
} from '@maskloom/core';
import { toSamInput, toStretchedSamInput } from '@maskloom/runtime';
import { EncodeTogether } from './encode-together.js';
import { readSamPreset, type SamPreset } from './preset.js';

const options = z.object({
  batch: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Most pictures in one call, when several are asked for at once; crops of one picture, say.'),
});

/** Options of {@link samEncoder}. */
export interface SamEncoderOptions {
  /**
   * Most pictures in one call, 1 to 64, when several are asked for at once, whatever their sizes; default 1. Memory grows with
   * it; a graphics card gains, processor cores hardly.
   */
  readonly batch?: number | undefined;
}

/**
 * SAM's image encoder: longest side to the input size, normalised, padded right and bottom; features
 * [1, embedDim, rows, columns] in space `sam`; SAM 2's finer levels are its taps.
 */
export const samEncoder: StageFactory<
  'Encoder',
  z.ZodType<unknown, SamEncoderOptions | undefined>,
  'image',
  'mask-features'
> = defineStage({
  slot: Encoder,
  name: 'sam/encoder',
  summary: 'SAM image encoder: the features that masks are decoded from.',
  options,
  needs: ['image'],
  gives: ['mask-features'],
  async create({ batch }, { models }) {
    const preset = readSamPreset(models);
    const session = await models.model('samEncoder');
    const fixed = session.inputs[0]?.shape[0];
    if (typeof fixed === 'number' && batch > fixed) {
      throw new MaskloomError(
        'OPTION_INVALID',
        `This encoder takes ${fixed} picture in a call, not ${batch}.`,
        {
          where: 'sam/encoder',
          hint: `Set batch to ${fixed}, or export the encoder with a free first axis.`,
        },
      );
    }
    // SAM 2's finer levels, which its decoder upsamples with.
    const finer = session.outputs.map((port) => port.name).filter((name) => /^high_res_\d+$/.test(name));
    const encoder = new EncodeTogether(session, ['image_embeddings', ...finer.sort()], batch);
    return {
      cacheKey: `sam/encoder ${models.bundle} ${session.id} ${JSON.stringify(preset)}`,
      widths: { features: preset.embedDim },
      device: session.device,
      batch,
      encode: (image: ImageFrame, run: RunContext) => encode(encoder, finer, preset, image, run),
    };
  },
});

async function encode(
  encoder: EncodeTogether,
  finer: readonly string[],
  preset: SamPreset,
  image: ImageFrame,
  run: RunContext,
): Promise<FeatureMap<'SamPx'>> {
  throwIfAborted(run.signal, 'SAM image encoder');
  const toInput = preset.fit === 'stretch' ? toStretchedSamInput : toSamInput;
  let transform: FeatureMap<'SamPx'>['transform'] | undefined;
  const { outputs, ready } = await encoder.encode(async () => {
    const input = await toInput(image, preset);
    transform = input.transform;
    return { ...input.tensor, givenAway: true };
  }, run);
  const tensor = outputs['image_embeddings'];
  if (tensor === undefined || transform === undefined)
    throw new Error("The encoder gave no 'image_embeddings'.");
  const [, width = 0, rows = 0, columns = 0] = tensor.dims;
  const taps = finer.flatMap((name) => outputs[name] ?? []);
  return {
    space: 'sam',
    layout: 'grid',
    tensor,
    ...(taps.length > 0 ? { taps } : {}),
    width,
    rows,
    columns,
    transform,
    ...(ready && { ready }),
  };
}
