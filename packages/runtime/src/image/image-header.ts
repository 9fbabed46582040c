import { checkFormat } from './check-format.js';
import { decode, type DecodeOptions } from './decode.js';
import type { ImageHeader } from './decoder/messages.js';
import { FORMAT_BYTES } from './format.js';
import { readImageFile, readImageStart } from './read-source.js';

/**
 * Size and form of an image file, from its header; no pixel is decoded.
 * @param path - a file of a format that {@link loadImage} reads
 * @returns sizes as stored: the EXIF orientation is told, not applied
 * @throws MaskloomError as `loadImage`
 */
export async function readImageHeader(path: string, options: DecodeOptions = {}): Promise<ImageHeader> {
  checkFormat(await readImageStart(path, FORMAT_BYTES), path);
  const { width, height, orientation, channels, depth, pages } = (await decode('header', path, path, options))
    .header;
  return { width, height, orientation, channels, depth, pages };
}

/** The values of a picture of one channel. */
export interface ImageSamples {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Row-major [height, width], as stored: 8 or 16 bits. */
  readonly samples: Uint8Array | Uint16Array;
}

/**
 * Reads the values of a picture of one channel (a label map) as they are stored: nothing is converted or turned.
 * @param path - a file of a format that {@link loadImage} reads
 * @throws MaskloomError as `loadImage`; IMAGE_UNREADABLE too when it has more channels or samples of another form
 */
export async function loadImageSamples(path: string, options: DecodeOptions = {}): Promise<ImageSamples> {
  const { bytes } = await readImageFile(path, options.signal);
  checkFormat(bytes, path);
  const { header, data } = await decode('samples', bytes, path, options);
  const { width, height, depth } = header;
  const samples = depth === 'ushort' ? new Uint16Array(data.buffer, data.byteOffset, width * height) : data;
  return { width, height, samples };
}
