import type { ImageFrame } from '@maskloom/core';
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
