import { atOnce, inSlices, MaskloomError } from '@maskloom/core';
import type { Size } from '@maskloom/core';
import { PRECISION_BITS, pillowCoefficients } from './pillow-coefficients.js';
import type { Coefficients, PillowFilter } from './pillow-coefficients.js';

/** Pixels without provenance: row-major HWC RGB, 8 bits. */
export interface RgbPixels extends Size {
  /** Length height * width * 3. */
  readonly rgb: Uint8Array;
}

/**
 * Resizes 8-bit RGB pixels exactly as Pillow's `Image.resize` does (13.0; its difference is 0): antialiased, in
 * two passes, each rounded to 8 bits in fixed point.
 * @param pixels - sRGB, 8 bits, HWC
 * @param size - wanted size in pixels, both at least 1
 * @param filter - `bilinear` or `bicubic` (a = -0.5)
 * @throws MaskloomError VALUE_INVALID when a size is not a whole number above 0
 */
export function resizeLikePillow(pixels: RgbPixels, size: Size, filter: PillowFilter): RgbPixels {
  return atOnce(resizeSteps(pixels, size, filter));
}

/** As {@link resizeLikePillow}, in slices: the event loop turns between them, so large images block nothing. */
export function resizeInSlices(pixels: RgbPixels, size: Size, filter: PillowFilter): Promise<RgbPixels> {
  return inSlices(resizeSteps(pixels, size, filter));
}

/** The two passes, pausing after every few rows. */
function* resizeSteps(pixels: RgbPixels, size: Size, filter: PillowFilter): Generator<void, RgbPixels> {
  check(pixels, size);
  let current = pixels;
  for (const pass of verticalFirst(pixels, size) ? [vertical, horizontal] : [horizontal, vertical]) {
    current = yield* pass(current, size, filter);
  }
  return current === pixels ? { ...size, rgb: pixels.rgb.slice() } : current;
}

/**
 * Pillow 13 does the vertical pass first when it takes away more than twice as many rows as the
 * horizontal one takes columns (pull request 9549; earlier versions never do). Each pass rounds to 8
 * bits, so the order shows.
 */
function verticalFirst(from: Size, to: Size): boolean {
  return from.height - to.height > 2 * Math.max(0, from.width - to.width);
}

function* horizontal(from: RgbPixels, { width }: Size, filter: PillowFilter): Generator<void, RgbPixels> {
  if (width === from.width) return from;
  const to = { width, height: from.height, rgb: new Uint8Array(width * from.height * 3) };
  const weights = pillowCoefficients(from.width, width, filter);
  for (let y = 0; y < from.height; y++) {
    horizontalRow(from, to, weights, y);
    if (y % 16 === 15) yield;
  }
  return to;
}

function* vertical(from: RgbPixels, { height }: Size, filter: PillowFilter): Generator<void, RgbPixels> {
  if (height === from.height) return from;
  const to = { width: from.width, height, rgb: new Uint8Array(from.width * height * 3) };
  const weights = pillowCoefficients(from.height, height, filter);
  for (let y = 0; y < height; y++) {
    verticalRow(from, to, weights, y);
    if (y % 16 === 15) yield;
  }
  return to;
}

const HALF = 1 << (PRECISION_BITS - 1);

function horizontalRow(
  from: RgbPixels,
  to: RgbPixels,
  { size, first, count, weights }: Coefficients,
  y: number,
): void {
  const source = from.rgb;
  const row = y * from.width * 3;
  let out = y * to.width * 3;
  for (let x = 0; x < to.width; x++) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    let at = row + (first[x] as number) * 3;
    const start = x * size;
    const end = start + (count[x] as number);
    for (let k = start; k < end; k++, at += 3) {
      const weight = weights[k] as number;
      red += (source[at] as number) * weight;
      green += (source[at + 1] as number) * weight;
      blue += (source[at + 2] as number) * weight;
    }
    to.rgb[out++] = clip(red);
    to.rgb[out++] = clip(green);
    to.rgb[out++] = clip(blue);
  }
}

function verticalRow(
  from: RgbPixels,
  to: RgbPixels,
  { size, first, count, weights }: Coefficients,
  y: number,
): void {
  const source = from.rgb;
  const stride = from.width * 3;
  const top = (first[y] as number) * stride;
  const start = y * size;
  const end = start + (count[y] as number);
  const out = y * stride;
  for (let i = 0; i < stride; i++) {
    let sum = HALF;
    let at = top + i;
    for (let k = start; k < end; k++, at += stride) sum += (source[at] as number) * (weights[k] as number);
    to.rgb[out + i] = clip(sum);
  }
}

/** Sums stay within 32 bits: samples have 8, weights 22 and the filters' lobes add less than one. */
function clip(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function check(pixels: RgbPixels, { width, height }: Size): void {
  const whole = [pixels.width, pixels.height, width, height].every(
    (side) => Number.isInteger(side) && side > 0,
  );
  if (whole && pixels.rgb.length === pixels.width * pixels.height * 3) return;
  throw new MaskloomError(
    'VALUE_INVALID',
    `cannot resize ${pixels.width} x ${pixels.height} pixels (${pixels.rgb.length} samples) to ${width} x ${height}`,
    {
      where: 'resizeLikePillow',
      hint: 'Sides are whole numbers above 0 and the samples are width * height * 3.',
    },
  );
}
