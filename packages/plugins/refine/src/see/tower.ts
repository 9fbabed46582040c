import {
  MaskloomError,
  throwIfAborted,
  type DenseMask,
  type FeatureMap,
  type HostTensor,
  type ImageFrame,
  type ModelSession,
  type RunContext,
} from '@maskloom/core';
import type { SiglipPreset } from '@maskloom/clip';
import { toClipInput, toPaddedInput, toStretchedInput } from '@maskloom/runtime';
import type { DrawingStyle, Paradigm, Seen } from '../paradigm.js';

const PREPARE = { stretch: toStretchedInput, centre: toClipInput, pad: toPaddedInput };

/** The tower that also sees a previous mask. */
export interface SeeingTower {
  readonly session: ModelSession;
  readonly siglip: SiglipPreset;
  /** How the mask is shown. */
  readonly paradigm: Paradigm;
  readonly style: DrawingStyle;
}

/**
 * Encodes an image together with a previous mask and a box, one token per patch.
 * @throws MaskloomError MODEL_RUN_FAILED when the tower's grid is not the preset's
 */
export async function seeWithMask(
  { session, siglip, paradigm, style }: SeeingTower,
  known: Seen,
  run: RunContext,
): Promise<FeatureMap<'ClipPx'>> {
  const seen = await PREPARE[siglip.crop](paradigm.show(known, style), siglip);
  const pixel_values =
    paradigm.plane === undefined
      ? seen.tensor
      : await withPlane(seen.tensor, known.image, paradigm.plane(known), siglip);
  throwIfAborted(run.signal, 'refinement tower');
  const { patch_features: tensor } = await session.run(
    { pixel_values },
    { outputs: ['patch_features'], scope: run.scope, signal: run.signal },
  );
  const side = Math.floor(siglip.imageSize / siglip.patchSize);
  if (tensor?.dims[1] !== side * side) {
    throw new MaskloomError(
      'MODEL_RUN_FAILED',
      `The tower gave ${tensor?.dims[1] ?? 0} tokens, not ${side} x ${side}.`,
      { where: session.id, hint: "The bundle's siglip preset does not fit its model." },
    );
  }
  const { transform } = seen;
  return {
    space: 'siglip',
    layout: 'tokens',
    tensor,
    width: tensor.dims[2] ?? 0,
    rows: side,
    columns: side,
    transform,
  };
}

/**
 * Adds the mask as a fourth plane: drawn white on black, fitted as the image is, 1 where it is at least half white;
 * zeros in the padding, and when there is none (ROSE, section 3.4).
 */
async function withPlane(
  rgb: HostTensor,
  { width, height }: ImageFrame,
  mask: DenseMask | undefined,
  siglip: SiglipPreset,
): Promise<HostTensor> {
  const plane = siglip.imageSize ** 2;
  const data = new Float32Array(4 * plane);
  data.set(rgb.data as Float32Array);
  if (mask !== undefined) {
    const grey = new Uint8Array(3 * width * height);
    mask.pixels.forEach((set, pixel) => grey.fill(set === 0 ? 0 : 255, 3 * pixel, 3 * pixel + 3));
    const half = { ...siglip, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
    const { tensor } = await PREPARE[siglip.crop]({ width, height, rgb: grey }, half);
    // A byte of 128 or more is above the middle of the range.
    for (let i = 0; i < plane; i++) data[3 * plane + i] = (tensor.data[i] as number) > 0 ? 1 : 0;
  }
  return { dtype: 'float32', dims: [1, 4, siglip.imageSize, siglip.imageSize], data };
}
