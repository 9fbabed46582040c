import type { ImageFrame, Segment, Size } from '@maskloom/core';
import sharp from 'sharp';
import { ClassColours } from './class-colours.js';
import { sampleMask } from './client/rle.js';
import { fitWithin } from './picture.js';

/** Longest side of an overlay picture, in pixels; a larger image is scaled down. */
export const OVERLAY_LIMIT = 2048;

const FILL = 0.45;

/** The file formats of pictures. */
export type PictureFormat = 'png' | 'webp';

/** How an overlay is painted. */
export interface OverlayOptions {
  /** The classes' colours; in the order of the segments when absent. */
  readonly classes?: ClassColours;
  /** `png` when absent; `webp` is lossy (quality 82) and a fraction of its size. */
  readonly format?: PictureFormat;
}

/**
 * Paints an image with its segments: each tinted in the colour of its class, with a solid border one pixel wide.
 * @returns the file's bytes
 */
export async function paintOverlay(
  image: ImageFrame,
  segments: readonly Segment[],
  { classes = new ClassColours(), format = 'png' }: OverlayOptions = {},
): Promise<Buffer> {
  const size = fitWithin(image, OVERLAY_LIMIT);
  const rgb = await scaledPixels(image, size);
  for (const segment of segments) {
    const [height, width] = segment.mask.size;
    const mask = sampleMask(segment.mask.counts, height, width, size.height, size.width);
    tint(rgb, mask, size, parseColour(classes.colourOf(segment.label)));
  }
  return encodePicture(rgb, size, format);
}

/** RGB pixels as a file. */
export async function encodePicture(rgb: Uint8Array, size: Size, format: PictureFormat): Promise<Buffer> {
  const picture = sharp(rgb, { raw: { ...size, channels: 3 } });
  return (format === 'png' ? picture.png() : picture.webp({ quality: 82 })).toBuffer();
}

/** A copy of an image's pixels at another size. */
export async function scaledPixels(image: ImageFrame, size: Size): Promise<Uint8Array> {
  if (size.width === image.width && size.height === image.height) return Uint8Array.from(image.rgb);
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  return sharp(image.rgb, { raw }).resize(size.width, size.height, { fit: 'fill' }).raw().toBuffer();
}

function tint(rgb: Uint8Array, mask: Uint8Array, size: Size, colour: readonly number[]): void {
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = y * size.width + x;
      if (mask[at] === 0) continue;
      const border =
        x === 0 ||
        y === 0 ||
        x === size.width - 1 ||
        y === size.height - 1 ||
        mask[at - 1] === 0 ||
        mask[at + 1] === 0 ||
        mask[at - size.width] === 0 ||
        mask[at + size.width] === 0;
      const share = border ? 1 : FILL;
      for (let c = 0; c < 3; c++) {
        rgb[3 * at + c] = Math.round((rgb[3 * at + c] ?? 0) * (1 - share) + (colour[c] ?? 0) * share);
      }
    }
  }
}

function parseColour(hex: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
