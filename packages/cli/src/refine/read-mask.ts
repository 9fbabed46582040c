import { encodeMask, maskArea, maskBox, MaskloomError, type ImageFrame, type Segment } from '@maskloom/core';
import { loadImage } from '@maskloom/runtime';

/**
 * A mask from a picture: pixels of at least middle grey are set.
 * @param path - an image file of the same size as `image`
 * @param label - the segment's name
 * @throws MaskloomError MASK_INVALID when it has another size or no pixel set; IMAGE_* when it cannot be read
 */
export async function readMask(
  path: string,
  image: ImageFrame,
  label: string,
  signal: AbortSignal,
): Promise<Segment> {
  const { width, height, rgb } = await loadImage(path, { signal });
  if (width !== image.width || height !== image.height) {
    throw new MaskloomError(
      'MASK_INVALID',
      `The mask is ${width} x ${height}, the image ${image.width} x ${image.height}.`,
      { where: path, hint: "Give a mask of the image's size." },
    );
  }
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => {
    const sum = (rgb[3 * i] ?? 0) + (rgb[3 * i + 1] ?? 0) + (rgb[3 * i + 2] ?? 0);
    return sum >= 3 * 128 ? 1 : 0;
  });
  const mask = encodeMask(pixels, width, height);
  const area = maskArea(mask);
  if (area === 0) {
    throw new MaskloomError('MASK_INVALID', 'No pixel of the mask is set.', {
      where: path,
      hint: 'Set pixels are white.',
    });
  }
  return { label, score: 1, bbox: maskBox(mask), area, mask };
}
