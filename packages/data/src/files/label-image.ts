import { open, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import type { Size } from '@maskloom/core';
import { asDataError } from './json-items.js';
import { MAX_PICTURE_PIXELS } from './limits.js';
import { readMatLabels } from './mat.js';
import { decodePng, pngHeader, type RawPng } from './png.js';
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

/**
 * Reads a COCO panoptic PNG: id = R + 256 G + 65536 B.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is not an 8-bit RGB picture
 */
export async function readPanopticPng(path: string): Promise<LabelImage> {
  const { width, height, samples } = await readRgbPng(path);
  const labels = new Int32Array(width * height);
  for (let p = 0, at = 0; p < labels.length; p++, at += 3) {
    labels[p] =
      (samples[at] as number) + 256 * (samples[at + 1] as number) + 65536 * (samples[at + 2] as number);
  }
  return { width, height, labels };
}

/**
 * Reads an 8-bit RGB PNG.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is of another form
 */
export async function readRgbPng(path: string): Promise<RawPng> {
  const png = decodePng(await bytesOf(path), path);
  if (png.channels !== 3 || png.depth !== 8)
    throw dataInvalid(
      path,
      'channels',
      `3 channels of 8 bits are wanted, it has ${png.channels} of ${png.depth}`,
    );
  return png;
}

/**
 * Reads an index PNG: one value per pixel, grey or palette, 1 to 16 bits. Palette indices stay indices and 16-bit values
 * stay whole.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it has more than one channel
 */
export async function readIndexPng(path: string): Promise<LabelImage> {
  const { width, height, channels, samples } = decodePng(await bytesOf(path), path);
  if (channels !== 1) throw dataInvalid(path, 'channels', `an index picture has 1, this one ${channels}`);
  return { width, height, labels: Int32Array.from(samples) };
}

/**
 * Reads a label map of any form that data sets come in: index PNG, 16-bit greyscale TIFF, or the `LabelMap` of a MAT-file.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`
 */
export async function readLabelFile(path: string): Promise<LabelImage> {
  const ending = extname(path).toLowerCase();
  if (ending === '.mat') return readMatLabels(await bytesOf(path), 'LabelMap', path);
  return ending === '.tif' || ending === '.tiff' ? readTiff(path) : readIndexPng(path);
}

async function readTiff(path: string): Promise<LabelImage> {
  const { channels, depth } = await sharp(path).metadata().catch(asImageError(path));
  if (channels !== 1 || (depth !== 'ushort' && depth !== 'uchar'))
    throw dataInvalid(
      path,
      'channels',
      `1 channel of 8 or 16 bits is wanted, it has ${channels} of ${depth}`,
    );
  const { data, info } = await sharp(path)
    .toColourspace(depth === 'ushort' ? 'grey16' : 'b-w')
    .raw({ depth })
    .toBuffer({ resolveWithObject: true })
    .catch(asImageError(path));
  const count = info.width * info.height;
  const values = depth === 'ushort' ? new Uint16Array(data.buffer, data.byteOffset, count) : data;
  return { width: info.width, height: info.height, labels: Int32Array.from(values) };
}

/**
 * Width and height of an image file, from its header; nothing is decoded.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is no image
 */
export async function imageSize(path: string): Promise<Size> {
  if (path.toLowerCase().endsWith('.png')) return pngSize(path);
  const { width, height } = await sharp(path).metadata().catch(asImageError(path));
  if (width * height > MAX_PICTURE_PIXELS)
    throw dataInvalid(path, 'picture', `it is ${width} x ${height} pixels, more than can be read`);
  return { width, height };
}

async function pngSize(path: string): Promise<Size> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(33), 0, 33, 0);
      const { width, height } = pngHeader(buffer.subarray(0, bytesRead), path);
      return { width, height };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asDataError(error, path);
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw asDataError(error, path);
  });
}

function asImageError(path: string): (error: unknown) => never {
  return (error) => {
    const missing = error instanceof Error && /missing|no such file/i.test(error.message);
    throw missing
      ? asDataError(Object.assign(error, { code: 'ENOENT' }), path)
      : dataInvalid(path, 'picture', String((error as Error).message).trim());
  };
}
