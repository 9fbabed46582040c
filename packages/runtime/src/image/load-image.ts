import { fileURLToPath } from 'node:url';
import { MaskloomError } from '@maskloom/core';
import type { ImageFrame } from '@maskloom/core';
import sharp from 'sharp';
import type { Metadata, SharpOptions } from 'sharp';
import { throwIfAborted } from '../aborted.js';
import { READABLE_FORMATS, imageFormat } from './format.js';
import { hashBytes, readImageFile } from './read-source.js';

/** Options of {@link loadImage}. */
export interface LoadImageOptions {
  /** Largest width * height; 100,000,000 when absent. Checked on the header, before any pixel is decoded. */
  readonly maxPixels?: number;
  /** Ends the loading between its steps. */
  readonly signal?: AbortSignal;
  /** Told when something of the file is left out (the later frames of an animation). */
  readonly onWarning?: (message: string) => void;
}

const DEFAULT_MAX_PIXELS = 100e6;
const DECODE_SECONDS = 120;

/**
 * Loads an image as every stage expects it: sRGB, 8 bits, orientation applied, size taken from the decoded pixels.
 *
 * - Content decides, not the file's name: JPEG, PNG, WebP, GIF, TIFF, AVIF.
 * - Any colour space and bit depth: embedded profiles, CMYK, grey, palette and 16 bits become 8-bit sRGB.
 * - Transparency is dropped, not composited: colours under transparent pixels show, as with Pillow's
 *   `convert('RGB')`, which the published systems' loaders use.
 * - Of an animation or a multi-page file the first frame is taken, with a warning.
 *
 * @param input - path, `file:` URL or the encoded bytes
 * @throws MaskloomError IMAGE_NOT_FOUND; IMAGE_EMPTY (0 bytes); IMAGE_UNSUPPORTED (not one of the formats);
 * IMAGE_UNREADABLE (truncated, corrupt, a folder, no permission); IMAGE_TOO_LARGE (more than `maxPixels`); ABORTED.
 */
export async function loadImage(
  input: string | URL | Uint8Array,
  options: LoadImageOptions = {},
): Promise<ImageFrame> {
  const { signal } = options;
  throwIfAborted(signal);
  const source = input instanceof Uint8Array ? undefined : pathOf(input);
  const { bytes, sha256 } =
    input instanceof Uint8Array
      ? { bytes: input, sha256: await hashBytes(input, signal) }
      : await readImageFile(source as string, signal);
  const where = source ?? 'image bytes';
  checkBytes(bytes, where);
  const pixels = await decode(bytes, where, options);
  throwIfAborted(signal);
  return Object.freeze({ ...pixels, sha256, ...(source !== undefined && { source }) });
}

function checkBytes(bytes: Uint8Array, where: string): void {
  if (bytes.length === 0) {
    throw new MaskloomError('IMAGE_EMPTY', 'the image has 0 bytes', {
      where,
      hint: 'Fetch or save it again.',
    });
  }
  if (imageFormat(bytes) === undefined) {
    throw new MaskloomError('IMAGE_UNSUPPORTED', 'this is not an image of a format that is read', {
      where,
      hint: `Convert it to one of ${READABLE_FORMATS}.`,
    });
  }
}

type Pixels = Pick<ImageFrame, 'width' | 'height' | 'rgb'>;

async function decode(bytes: Uint8Array, where: string, options: LoadImageOptions): Promise<Pixels> {
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  // 'error' refuses truncated and damaged pixel data and lets harmless oddities of a header pass.
  const settings: SharpOptions = { failOn: 'error', limitInputPixels: false, pages: 1 };
  try {
    checkHeader(await sharp(bytes, settings).metadata(), maxPixels, where, options.onWarning);
    throwIfAborted(options.signal);
    const image = sharp(bytes, { ...settings, limitInputPixels: maxPixels })
      .autoOrient()
      .removeAlpha()
      .toColourspace('srgb');
    const { data, info } = await image
      .timeout({ seconds: DECODE_SECONDS })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const rgb = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { width: info.width, height: info.height, rgb: info.channels === 1 ? tripled(rgb) : rgb };
  } catch (cause) {
    if (MaskloomError.is(cause)) throw cause;
    throw new MaskloomError(
      'IMAGE_UNREADABLE',
      `the image cannot be decoded: ${(cause as Error).message.trim()}`,
      {
        where,
        hint: 'The file is cut short or damaged; fetch or save it again.',
        cause,
      },
    );
  }
}

function checkHeader(
  header: Metadata,
  maxPixels: number,
  where: string,
  warn: LoadImageOptions['onWarning'],
): void {
  const { width, height, pages = 1 } = header;
  if (width * height > maxPixels) {
    throw new MaskloomError(
      'IMAGE_TOO_LARGE',
      `the image has ${width} x ${height} pixels; at most ${maxPixels} are read`,
      {
        where,
        hint: 'Make it smaller, or raise maxPixels.',
      },
    );
  }
  if (pages > 1) warn?.(`${where}: the first of ${pages} frames is used`);
}

function pathOf(input: string | URL): string {
  if (typeof input === 'string') return input;
  if (input.protocol === 'file:') return fileURLToPath(input);
  throw new MaskloomError('IMAGE_NOT_FOUND', 'only file: URLs are read', { where: input.href });
}

function tripled(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return rgb;
}
