import { fileURLToPath } from 'node:url';
import { MaskloomError } from '@maskloom/core';
import type { ImageFrame } from '@maskloom/core';
import { throwIfAborted } from '../aborted.js';
import { checkFormat } from './check-format.js';
import { decode, type DecodeOptions } from './decode.js';
import { hashBytes, readImageFile } from './read-source.js';

/** Options of {@link loadImage}. */
export interface LoadImageOptions extends DecodeOptions {
  /** Told when something of the file is left out (the later frames of an animation). */
  readonly onWarning?: (message: string) => void;
}

/**
 * Loads an image as every stage expects it: sRGB, 8 bits, orientation applied (unless `asStored`), size taken from the decoded
 * pixels.
 *
 * - Content decides, not the file's name: JPEG, PNG, WebP, GIF, TIFF, AVIF. Nothing else reaches a decoder.
 * - A process of its own decodes, so that a picture made to hang or to fill the memory costs its own time limit and no more;
 *   this thread stays free meanwhile. The process serves all calls and ends when none has come for ten seconds.
 * - Any colour space and bit depth: embedded profiles, CMYK, grey, palette and 16 bits become 8-bit sRGB.
 * - Transparency is dropped, not composited: colours under transparent pixels show, as with Pillow's
 *   `convert('RGB')`, which the published systems' loaders use.
 * - Of an animation or a multi-page file the first frame is taken, with a warning.
 *
 * @param input - path, `file:` URL or the encoded bytes
 * @throws MaskloomError IMAGE_NOT_FOUND; IMAGE_EMPTY (0 bytes); IMAGE_UNSUPPORTED (not one of the formats);
 * IMAGE_UNREADABLE (truncated, corrupt, not decoded within `timeoutMs`, a folder, no permission); IMAGE_TOO_LARGE (more than
 * `maxPixels`, or more memory than those can need); ABORTED.
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
  checkFormat(bytes, where);
  const { header, data: rgb } = await decode('rgb', bytes, where, options);
  throwIfAborted(signal);
  const { width, height, pages } = header;
  if (pages > 1) options.onWarning?.(`${where}: the first of ${pages} frames is used`);
  // Other pixels of the same file: whatever is kept by the hash is not to be taken for those.
  const unturned = options.asStored === true && header.orientation !== 1;
  return Object.freeze({
    width,
    height,
    rgb,
    sha256: unturned ? await hashBytes(Buffer.from(`as stored ${sha256}`), signal) : sha256,
    ...(source !== undefined && { source }),
  });
}

function pathOf(input: string | URL): string {
  if (typeof input === 'string') return input;
  if (input.protocol === 'file:') return fileURLToPath(input);
  throw new MaskloomError('IMAGE_NOT_FOUND', 'only file: URLs are read', { where: input.href });
}
