import { MaskloomError } from '@maskloom/core';
import type { Size } from '@maskloom/core';

/** Pixels without provenance: row-major HWC RGB, 8 bits. */
export interface RgbPixels extends Size {
  /** Length height * width * 3. */
  readonly rgb: Uint8Array;
}

/** @throws MaskloomError VALUE_INVALID when a side is not a whole number above 0 or the samples do not fit */
export function checkSizes(pixels: RgbPixels, { width, height }: Size): void {
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
