import sharp, { type OutputInfo } from 'sharp';
import { asDataError } from './json-items.js';
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
  const { data, info } = await readRaw(path);
  if (info.channels !== 3)
    throw dataInvalid(path, 'channels', `a panoptic picture has 3, this one ${info.channels}`);
  const labels = new Int32Array(info.width * info.height);
  for (let p = 0, at = 0; p < labels.length; p++, at += 3) {
    labels[p] = (data[at] as number) + 256 * (data[at + 1] as number) + 65536 * (data[at + 2] as number);
  }
  return { width: info.width, height: info.height, labels };
}

/**
 * Reads an 8-bit index PNG (ADE20K annotation): one value per pixel, 0 = not labelled.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is not greyscale
 */
export async function readIndexPng(path: string): Promise<LabelImage> {
  const { channels } = await sharp(path).metadata().catch(asImageError(path));
  if (channels !== 1) throw dataInvalid(path, 'channels', `an index picture has 1, this one ${channels}`);
  const decoded = await sharp(path)
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(asImageError(path));
  return { width: decoded.info.width, height: decoded.info.height, labels: Int32Array.from(decoded.data) };
}

/**
 * Width and height of an image file, from its header.
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is no image
 */
export async function imageSize(path: string): Promise<{ width: number; height: number }> {
  const { width, height } = await sharp(path).metadata().catch(asImageError(path));
  return { width, height };
}

async function readRaw(path: string): Promise<{ data: Buffer; info: OutputInfo }> {
  return sharp(path).raw().toBuffer({ resolveWithObject: true }).catch(asImageError(path));
}

function asImageError(path: string): (error: unknown) => never {
  return (error) => {
    const missing = error instanceof Error && /missing|no such file/i.test(error.message);
    throw missing
      ? asDataError(Object.assign(error, { code: 'ENOENT' }), path)
      : dataInvalid(path, 'picture', String((error as Error).message).trim());
  };
}
