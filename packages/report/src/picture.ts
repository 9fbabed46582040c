import type { ImageFrame, Size } from '@maskloom/core';
import sharp from 'sharp';

/** An image as it is embedded in a page. */
export interface Picture extends Size {
  /** `data:` URI of a PNG or JPEG. */
  readonly uri: string;
}

/** Longest side of an embedded picture, in pixels. */
export const PICTURE_LIMIT = 1024;

/** Up to this many pixels a picture is embedded without loss. */
const LOSSLESS_PIXELS = 256 * 256;

/**
 * Scales an image down for a page: PNG when small, else JPEG.
 * @param limit - longest side in pixels
 */
export async function embedPicture(image: ImageFrame, limit = PICTURE_LIMIT): Promise<Picture> {
  const size = fitWithin(image, limit);
  const source = sharp(image.rgb, { raw: { width: image.width, height: image.height, channels: 3 } });
  const scaled =
    size.width === image.width ? source : source.resize(size.width, size.height, { fit: 'fill' });
  const lossless = size.width * size.height <= LOSSLESS_PIXELS;
  const bytes = await (
    lossless ? scaled.png({ compressionLevel: 9 }) : scaled.jpeg({ quality: 82 })
  ).toBuffer();
  return { ...size, uri: `data:image/${lossless ? 'png' : 'jpeg'};base64,${bytes.toString('base64')}` };
}

/**
 * The largest size of the same shape whose sides are at most `limit` (never larger than the image).
 * @param limit - longest side in pixels
 */
export function fitWithin(image: Size, limit: number): Size {
  const scale = Math.min(1, limit / Math.max(image.width, image.height));
  return {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
}
