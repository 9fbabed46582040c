import type { ImageFrame } from '@maskloom/core';
import { MaskloomError } from '@maskloom/core';
import sharp from 'sharp';

/** Up to this many pixels a picture is sent without loss. */
const LOSSLESS_PIXELS = 512 * 512;

/**
 * A picture for the page: small ones as PNG, others as JPEG.
 * @param longest - longest side in pixels; a larger picture is scaled down
 */
export async function pagePicture(
  { width, height, rgb }: ImageFrame,
  longest: number,
): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  const scaled = sharp(rgb, { raw: { width, height, channels: 3 } }).resize(longest, longest, {
    fit: 'inside',
    withoutEnlargement: true,
  });
  const lossless = width * height <= LOSSLESS_PIXELS;
  const bytes = await (lossless ? scaled.png() : scaled.jpeg({ quality: 88 })).toBuffer();
  return { type: lossless ? 'image/png' : 'image/jpeg', bytes };
}

/** Longest side of a part. */
const MOST = 1024;

/**
 * A part of a picture in its own pixels, as PNG.
 * @param part - left, top, width, height
 * @throws MaskloomError VALUE_INVALID when it does not lie in the picture, or is too large
 */
export async function partOfPicture(
  { width, height, rgb }: ImageFrame,
  [left = 0, top = 0, w = 0, h = 0]: readonly number[],
): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  if (w < 1 || h < 1 || w > MOST || h > MOST || left + w > width || top + h > height)
    throw new MaskloomError('VALUE_INVALID', 'There is no such part of the picture.', {
      where: 'part',
      hint: `The picture has ${width} x ${height} pixels; a part at most ${MOST} x ${MOST}.`,
    });
  const cut = sharp(rgb, { raw: { width, height, channels: 3 } }).extract({ left, top, width: w, height: h });
  // Over the loopback a quick file is better than a small one.
  return { type: 'image/png', bytes: await cut.png({ compressionLevel: 1 }).toBuffer() };
}
