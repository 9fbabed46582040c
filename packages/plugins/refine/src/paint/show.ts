import { createHash } from 'node:crypto';
import type { Box, DenseMask, ImageFrame } from '@maskloom/core';
import type { RefinePreset } from '../preset.js';
import { paintBox } from './paint-box.js';
import { paintMask } from './paint-mask.js';

/**
 * What the tower sees of an image, a previous mask and a box (ROSE, Table 6). `concat` leaves the image alone: its mask
 * is a fourth plane. `drawn` lays the mask over the image; `drawn-box` also draws the box, or the mask's own where none
 * is given.
 * @param mask - the previous mask; absent for something missed
 * @param own - the mask's tight box
 */
export function show(
  { paradigm, colour, alpha }: RefinePreset,
  image: ImageFrame,
  mask: DenseMask | undefined,
  box: Box<'ImagePx'> | undefined,
  own: Box<'ImagePx'> | undefined,
): ImageFrame {
  const outline = paradigm === 'drawn-box' ? (box ?? own) : undefined;
  const layer = paradigm === 'concat' ? undefined : mask;
  if (outline === undefined && layer === undefined) return image;
  const rgb = image.rgb.slice();
  if (layer !== undefined) paintMask(rgb, layer, colour, alpha);
  if (outline !== undefined) paintBox(rgb, image, outline, colour);
  const sha256 = createHash('sha256').update(rgb).digest('hex');
  return { width: image.width, height: image.height, rgb, sha256 };
}
