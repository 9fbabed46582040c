import {
  encodeMask,
  maskArea,
  maskBox,
  MaskloomError,
  type ImageFrame,
  type RleMask,
  type Segment,
} from '@maskloom/core';
import { loadImage } from '@maskloom/runtime';

/**
 * A mask from a picture: pixels of at least middle grey are set.
 * @param path - an image file
 * @param maxPixels - largest width * height that is read; 100,000,000 when absent
 * @throws MaskloomError MASK_INVALID when no pixel is set; IMAGE_* when it cannot be read
 */
export async function readMask(path: string, signal: AbortSignal, maxPixels?: number): Promise<RleMask> {
  const { width, height, rgb } = await loadImage(path, {
    signal,
    ...(maxPixels === undefined ? {} : { maxPixels }),
  });
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
    const sum = (rgb[3 * i] ?? 0) + (rgb[3 * i + 1] ?? 0) + (rgb[3 * i + 2] ?? 0);
    return sum >= 3 * 128 ? 1 : 0;
  });
  const mask = encodeMask(pixels, width, height);
  if (maskArea(mask) > 0) return mask;
  throw new MaskloomError('MASK_INVALID', 'No pixel of the mask is set.', {
    where: path,
    hint: 'Set pixels are white.',
  });
}

/**
 * A segment from a picture of its mask.
 * @param path - an image file of the same size as `image`
 * @param label - the segment's name
 * @throws MaskloomError MASK_INVALID when it has another size or no pixel set; IMAGE_* when it cannot be read
 */
export async function readSegment(
  path: string,
  image: ImageFrame,
  label: string,
  signal: AbortSignal,
  maxPixels?: number,
): Promise<Segment> {
  const mask = await readMask(path, signal, maxPixels);
  const [height, width] = mask.size;
  if (width !== image.width || height !== image.height) {
    throw new MaskloomError(
      'MASK_INVALID',
      `The mask is ${width} x ${height}, the image ${image.width} x ${image.height}.`,
      { where: path, hint: "Give a mask of the image's size." },
    );
  }
  return { label, score: 1, bbox: maskBox(mask), area: maskArea(mask), mask };
}
