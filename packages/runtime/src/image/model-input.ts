import { inSlices, MaskloomError } from '@maskloom/core';
import type { HostTensor, ImageTransform, Size } from '@maskloom/core';
import { intoPlanes } from './normalised-planes.js';
import type { PillowFilter } from './resample/pillow-coefficients.js';
import { checkSizes, type RgbPixels } from './resample/rgb-pixels.js';
import { resizeRows } from './resample/resize-rows.js';

const MAX_SCALED_PIXELS = 100e6;

/** How a model wants its pixels; the groups `sam` and `clip` of a bundle's presets have these fields. */
export interface InputSpec {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Mean of each channel: in 0..255 for SAM, in 0..1 for CLIP. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel, in the mean's unit, above 0. */
  readonly std: readonly number[];
  /** Pillow's filter; `bilinear` for SAM and `bicubic` for CLIP when absent. */
  readonly resample?: PillowFilter;
}

/** Pixels ready for an encoder and the geometry that leads back. */
export interface ModelInput<F extends 'SamPx' | 'ClipPx'> {
  /** float32 [1, 3, imageSize, imageSize], RGB planes, normalised. */
  readonly tensor: HostTensor;
  /** How the image became these pixels. */
  readonly transform: ImageTransform<F>;
}

/**
 * An image as SAM takes it: longest side to `imageSize` (each side `floor(old * imageSize / longest + 0.5)`, at least 1),
 * `(value - mean) / std` on 0..255, then zeros on the right and bottom. Padding follows the normalisation,
 * so padded values are exactly 0 (segment-anything, `Sam.preprocess` and `ResizeLongestSide`).
 * @param image - sRGB, 8 bits
 * @throws MaskloomError VALUE_INVALID when the spec is not usable
 */
export async function toSamInput(image: RgbPixels, spec: InputSpec): Promise<ModelInput<'SamPx'>> {
  check(spec);
  const side = spec.imageSize;
  const scale = side / Math.max(image.width, image.height);
  const resized: Size = { width: scaled(image.width, scale), height: scaled(image.height, scale) };
  return inputOf('SamPx', image, resized, TOP_LEFT, spec, AS_SAM);
}

/**
 * An image as SAM 2 takes it: both sides to `imageSize` whatever the shape, `(value - mean) / std` on 0..255
 * (`SAM2Transforms`; Hugging Face `Sam2ImageProcessor`).
 * @param image - sRGB, 8 bits
 * @throws MaskloomError VALUE_INVALID when the spec is not usable
 */
export async function toStretchedSamInput(image: RgbPixels, spec: InputSpec): Promise<ModelInput<'SamPx'>> {
  check(spec);
  const side = spec.imageSize;
  const resized: Size = { width: side, height: side };
  return inputOf('SamPx', image, resized, TOP_LEFT, spec, AS_SAM);
}

/**
 * An image as CLIP takes it: shortest side to `imageSize` (the longer one truncated), centre crop (offset
 * floor of half the rest), `(value / 255 - mean) / std` (Hugging Face `CLIPImageProcessor`). The ends of the
 * longer side are not seen.
 * @param image - sRGB, 8 bits
 * @throws MaskloomError VALUE_INVALID when the spec is not usable, IMAGE_TOO_LARGE when the picture is so long and thin that
 * it would have more than 100 million pixels when scaled
 */
export async function toClipInput(image: RgbPixels, spec: InputSpec): Promise<ModelInput<'ClipPx'>> {
  check(spec);
  const side = spec.imageSize;
  const resized: Size =
    image.height <= image.width
      ? { width: Math.trunc((side * image.width) / image.height), height: side }
      : { width: side, height: Math.trunc((side * image.height) / image.width) };
  checkScaled(image, resized);
  const offset = { x: Math.floor((resized.width - side) / 2), y: Math.floor((resized.height - side) / 2) };
  return inputOf('ClipPx', image, resized, offset, spec, AS_CLIP);
}

/**
 * An image as SigLIP takes it: both sides to `imageSize` whatever the shape, so that all of it is seen,
 * `(value / 255 - mean) / std` (Hugging Face `SiglipImageProcessor`).
 * @param image - sRGB, 8 bits
 * @throws MaskloomError VALUE_INVALID when the spec is not usable
 */
export async function toStretchedInput(image: RgbPixels, spec: InputSpec): Promise<ModelInput<'ClipPx'>> {
  check(spec);
  const side = spec.imageSize;
  const resized: Size = { width: side, height: side };
  return inputOf('ClipPx', image, resized, TOP_LEFT, spec, AS_CLIP);
}

/**
 * An image in SAM's geometry with CLIP's arithmetic: longest side to `imageSize`, `(value / 255 - mean) / std`, then zeros
 * on the right and bottom. A patch of such a tower covers the same pixels as SAM's cell of the same place.
 * @param image - sRGB, 8 bits
 * @throws MaskloomError VALUE_INVALID when the spec is not usable
 */
export async function toPaddedInput(image: RgbPixels, spec: InputSpec): Promise<ModelInput<'ClipPx'>> {
  check(spec);
  const side = spec.imageSize;
  const scale = side / Math.max(image.width, image.height);
  const resized: Size = { width: scaled(image.width, scale), height: scaled(image.height, scale) };
  return inputOf('ClipPx', image, resized, TOP_LEFT, spec, AS_CLIP);
}

interface Offset {
  readonly x: number;
  readonly y: number;
}

const TOP_LEFT: Offset = { x: 0, y: 0 };

/** What the models' own preprocessing does where the spec says nothing. */
interface Arithmetic {
  readonly filter: PillowFilter;
  /** Values are divided by it before the mean is taken away. */
  readonly unit: number;
}

const AS_SAM: Arithmetic = { filter: 'bilinear', unit: 1 };
const AS_CLIP: Arithmetic = { filter: 'bicubic', unit: 255 };

/** A picture of 100,000 x 1 scaled to a shortest side of 64 would have 410 million pixels. */
function checkScaled(image: Size, scaledTo: Size): void {
  if (scaledTo.width * scaledTo.height <= MAX_SCALED_PIXELS) return;
  throw new MaskloomError(
    'IMAGE_TOO_LARGE',
    `an image of ${image.width} x ${image.height} pixels would have ${scaledTo.width} x ${scaledTo.height} when scaled`,
    { where: 'toClipInput', hint: 'It is too long and thin; cut it into pieces.' },
  );
}

/** Very long thin images would round to 0 rows, which no model takes. */
function scaled(length: number, scale: number): number {
  return Math.max(1, Math.trunc(length * scale + 0.5));
}

/** Resizes the part that the model sees, and normalises it row by row; zero where there are no pixels. */
async function inputOf<F extends 'SamPx' | 'ClipPx'>(
  frame: F,
  image: RgbPixels,
  resized: Size,
  offset: Offset,
  spec: InputSpec,
  { filter, unit }: Arithmetic,
): Promise<ModelInput<F>> {
  checkSizes(image, resized);
  const side = spec.imageSize;
  const data = new Float32Array(3 * side * side);
  const part = {
    ...offset,
    width: Math.min(side, resized.width - offset.x),
    height: Math.min(side, resized.height - offset.y),
  };
  const steps = intoPlanes(data, part.width, spec, unit, (sink) =>
    resizeRows(image, resized, part, spec.resample ?? filter, sink),
  );
  await inSlices(steps);
  return { tensor: square(side, data), transform: transform(frame, image, resized, side, offset) };
}

function square(side: number, data: Float32Array): HostTensor {
  return { dtype: 'float32', dims: [1, 3, side, side], data };
}

function transform<F extends 'SamPx' | 'ClipPx'>(
  frame: F,
  image: Size,
  resized: Size,
  side: number,
  offset: Offset,
): ImageTransform<F> {
  return Object.freeze({
    frame,
    original: { width: image.width, height: image.height },
    resized,
    input: { width: side, height: side },
    scaleX: resized.width / image.width,
    scaleY: resized.height / image.height,
    offsetX: offset.x,
    offsetY: offset.y,
  });
}

function check({ imageSize, mean, std }: InputSpec): void {
  const numbers = mean.length === 3 && std.length === 3 && [...mean, ...std].every(Number.isFinite);
  if (Number.isInteger(imageSize) && imageSize > 0 && numbers && std.every((value) => value > 0)) return;
  throw new MaskloomError('VALUE_INVALID', 'the image preset is not usable', {
    where: 'imageSize, mean, std',
    hint: 'imageSize is a whole number above 0; mean and std have 3 numbers, std above 0.',
  });
}
