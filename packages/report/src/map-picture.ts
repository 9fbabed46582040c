import type { ImageFrame, ScoreMap } from '@maskloom/core';
import { mapColour } from './client/palette.js';
import { quantiseMap } from './map-data.js';
import { encodePicture, OVERLAY_LIMIT, scaledPixels, type PictureFormat } from './overlay.js';
import { fitWithin } from './picture.js';

const SHARE = 0.72;

/**
 * Paints a score map over its image (viridis: dark violet = lowest, yellow = highest value of the map);
 * what the map does not cover keeps the image's pixels.
 * @param format - of the file
 * @returns its bytes
 */
export async function paintMap(
  image: ImageFrame,
  map: ScoreMap,
  format: PictureFormat = 'png',
): Promise<Buffer> {
  const size = fitWithin(image, OVERLAY_LIMIT);
  const rgb = await scaledPixels(image, size);
  const { rows, columns, bytes } = quantiseMap(map);
  const [left, top, width, height] = map.covers;
  for (let y = 0; y < size.height; y++) {
    const row = Math.floor(((((y + 0.5) * image.height) / size.height - top) * rows) / height);
    if (row < 0 || row >= rows) continue;
    for (let x = 0; x < size.width; x++) {
      const column = Math.floor(((((x + 0.5) * image.width) / size.width - left) * columns) / width);
      if (column < 0 || column >= columns) continue;
      const colour = mapColour((bytes[row * columns + column] ?? 0) / 255);
      const at = 3 * (y * size.width + x);
      for (let c = 0; c < 3; c++)
        rgb[at + c] = Math.round((rgb[at + c] ?? 0) * (1 - SHARE) + (colour[c] ?? 0) * SHARE);
    }
  }
  return encodePicture(rgb, size, format);
}
