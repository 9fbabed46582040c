import {
  MaskloomError,
  throwIfAborted,
  type FeatureMap,
  type ImageFrame,
  type ModelSession,
  type RunContext,
} from '@maskloom/core';
import type { InputSpec, ModelInput } from '@maskloom/runtime';

/** A vision tower with what is known of its input. */
export interface PatchTower {
  /** `pixel_values` [1, 3, S, S] to `patch_features` [1, L, width]. */
  readonly session: ModelSession;
  /** Input, patches and pixel statistics. */
  readonly preset: InputSpec & { readonly patchSize: number };
  /** The space of its features; also its preset's name. */
  readonly space: string;
  /** Makes the pixels of an image. */
  readonly prepare: (image: ImageFrame, spec: InputSpec) => Promise<ModelInput<'ClipPx'>>;
}

/**
 * One token per patch, row-major, no class token.
 * @throws MaskloomError MODEL_RUN_FAILED when the number of tokens is not that of the preset's grid
 */
export async function encodePatches(
  { session, preset, space, prepare }: PatchTower,
  image: ImageFrame,
  run: RunContext,
): Promise<FeatureMap<'ClipPx'>> {
  const what = `${space} tower`;
  throwIfAborted(run.signal, what);
  const { tensor: pixels, transform } = await prepare(image, preset);
  throwIfAborted(run.signal, what);
  const outputs = ['patch_features'];
  const pixel_values = { ...pixels, givenAway: true };
  const given = await session.run({ pixel_values }, { outputs, scope: run.scope, signal: run.signal });
  const tensor = given['patch_features'];
  if (tensor === undefined) throw new Error(`Model ${session.id} gave no output 'patch_features'.`);
  const [, tokens = 0, width = 0] = tensor.dims;
  const side = Math.floor(preset.imageSize / preset.patchSize);
  if (tokens !== side * side) {
    throw new MaskloomError('MODEL_RUN_FAILED', `The ${what} gave ${tokens} tokens, not ${side} x ${side}.`, {
      where: session.id,
      hint: `The bundle's ${space} preset (imageSize, patchSize) does not fit its model.`,
    });
  }
  return { space, layout: 'tokens', tensor, width, rows: side, columns: side, transform };
}
