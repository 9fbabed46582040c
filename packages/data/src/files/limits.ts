import { MaskloomError, type Size } from '@maskloom/core';
import { DEFAULT_MAX_PIXELS } from '@maskloom/runtime';

/** Largest picture that is read, in pixels, unless `maxPixels` says otherwise. */
export const MAX_PICTURE_PIXELS = DEFAULT_MAX_PIXELS;

/** Largest file that is read in one piece (pickles, single records), in bytes. */
export const MAX_FILE_BYTES = 1 << 29;

/**
 * Pixels that may be read of a picture or label map whose record was let in: what the record states, and no less than the
 * limits, so that a wrong size is told from one that is too large.
 */
export function mostFor(stated: Size | undefined, maxPixels = 0): number {
  return Math.max(MAX_PICTURE_PIXELS, maxPixels, stated === undefined ? 0 : stated.width * stated.height);
}

/** @throws MaskloomError `IMAGE_TOO_LARGE` when a picture of this size is over the limit */
export function mustFit({ width, height }: Size, maxPixels: number, where: string): void {
  if (width * height <= maxPixels) return;
  throw new MaskloomError(
    'IMAGE_TOO_LARGE',
    `The picture has ${width} x ${height} pixels; at most ${maxPixels} are read.`,
    { where, hint: 'Make it smaller, or raise maxPixels (--max-pixels).' },
  );
}
