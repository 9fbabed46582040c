import { extname } from 'node:path';
import { MaskloomError, type Size } from '@maskloom/core';
import { loadImageSamples, readImageHeader } from '@maskloom/runtime';
import { MAX_PICTURE_PIXELS } from './limits.js';
import { readMatLabels } from './mat.js';
import { eachRowOfIds, type TakeIds } from './png-ids.js';
import { decodePng, inflatePng, isPng, pngHeader, rawPng, type RawPng } from './png.js';
import { readBytes } from './read-bytes.js';
import { dataInvalid } from './validate.js';

/** A label image: row-major values. */
export interface LabelImage {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Row-major [height, width]. */
  readonly labels: Int32Array;
}

/** A COCO panoptic picture whose rows are still to be decoded. */
export interface PanopticRows extends Size {
  /**
   * Decodes all rows, from the first on.
   * @throws MaskloomError `DATA_INVALID` when one is damaged
   */
  each(take: TakeIds): void;
}

/**
 * Opens what {@link readPanopticPng} reads.
 * @param most - pixels that are decoded at most; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it has no 8-bit colours
 */
export async function openPanopticPng(path: string, most?: number): Promise<PanopticRows> {
  const png = inflatePng(await readBytes(path), path, most);
  const { width, height, channels, depth } = png;
  if (channels >= 3 && depth === 8) return { width, height, each: (take) => eachRowOfIds(png, path, take) };
  const { samples, palette } = coloured(rawPng(png, path), path);
  const colours = Int32Array.from({ length: 256 }, (_, i) => idOf(palette ?? [], 3 * i));
  const each = (take: TakeIds): void => {
    const ids = new Int32Array(width);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) ids[x] = colours[samples[at] as number] as number;
      take(ids, y);
    }
  };
  return { width, height, each };
}

function idOf(palette: ArrayLike<number>, at: number): number {
  return (palette[at] ?? 0) | ((palette[at + 1] ?? 0) << 8) | ((palette[at + 2] ?? 0) << 16);
}

/**
 * Reads a COCO panoptic PNG: id = R + 256 G + 65536 B, of the colours that it shows: alpha is left out and a palette looked up,
 * as panopticapi does with what Pillow gives.
 * @param most - pixels that are decoded at most; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it has no 8-bit colours
 */
export async function readPanopticPng(path: string, most?: number): Promise<LabelImage> {
  const { width, height, each } = await openPanopticPng(path, most);
  const labels = new Int32Array(width * height);
  each((ids, y) => labels.set(ids, y * width));
  return { width, height, labels };
}

/**
 * Reads an 8-bit RGB PNG.
 * @param most - pixels that are decoded at most; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is of another form
 */
export async function readRgbPng(path: string, most?: number): Promise<RawPng> {
  const png = coloured(decodePng(await readBytes(path), path, most), path);
  if (png.channels === 3) return png;
  throw dataInvalid(
    path,
    'channels',
    `3 channels of 8 bits are wanted, it has ${png.channels} of ${png.depth}`,
  );
}

/** A PNG with 8-bit colours: RGB, RGBA or a palette. */
function coloured(png: RawPng, path: string): RawPng {
  if (png.indexed ? png.palette !== undefined : png.channels >= 3 && png.depth === 8) return png;
  throw dataInvalid(
    path,
    'channels',
    `8-bit colours are wanted, it has ${png.channels} of ${png.depth} bits`,
  );
}

/**
 * Reads an index PNG: one value per pixel, grey or palette, 1 to 16 bits. Palette indices stay indices and 16-bit values
 * stay whole.
 * @param most - pixels that are decoded at most; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it has more than one channel
 */
export async function readIndexPng(path: string, most?: number): Promise<LabelImage> {
  const { width, height, channels, samples } = decodePng(await readBytes(path), path, most);
  if (channels !== 1) throw dataInvalid(path, 'channels', `an index picture has 1, this one ${channels}`);
  return { width, height, labels: Int32Array.from(samples) };
}

/**
 * Reads a label map of any form that data sets come in: index PNG, 16-bit greyscale TIFF, or the `LabelMap` of a MAT-file.
 * @param most - pixels that are decoded at most; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readLabelFile(path: string, most?: number): Promise<LabelImage> {
  const ending = extname(path).toLowerCase();
  if (ending === '.mat') return readMatLabels(await readBytes(path), 'LabelMap', path, most);
  return ending === '.tif' || ending === '.tiff' ? readTiff(path, most) : readIndexPng(path, most);
}

async function readTiff(path: string, most = MAX_PICTURE_PIXELS): Promise<LabelImage> {
  const { width, height, samples } = await loadImageSamples(path, { maxPixels: most }).catch(
    asImageError(path),
  );
  return { width, height, labels: Int32Array.from(samples) };
}

/**
 * Width and height of an image file, from its header; nothing is decoded. The file's content decides what it is.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is no image
 */
export async function imageSize(path: string): Promise<Size> {
  const start = await readBytes(path, 33);
  const { width, height } = isPng(start)
    ? pngHeader(start, path)
    : await readImageHeader(path, { maxPixels: MAX_PICTURE_PIXELS }).catch(asImageError(path));
  return { width, height };
}

/** What reading a picture throws, as an error of the data set's file. */
export function asImageError(path: string): (error: unknown) => never {
  return (error) => {
    if (!MaskloomError.is(error) || error.code === 'ABORTED') throw error;
    if (error.code === 'IMAGE_NOT_FOUND')
      throw new MaskloomError('DATA_NOT_FOUND', 'The file does not exist.', { where: path, cause: error });
    throw dataInvalid(path, 'picture', error.message);
  };
}
