import { rename, rm, writeFile } from 'node:fs/promises';
import { MaskloomError, partialPath } from '@maskloom/core';
import type { Size } from '@maskloom/core';

/**
 * Encodes pixels as PNG.
 * @param pixels - row-major, 1 (grey), 3 (RGB) or 4 (RGBA) samples of 8 bits per pixel
 * @throws MaskloomError VALUE_INVALID when the samples do not fit the size
 */
export async function encodePng(pixels: Uint8Array, size: Size): Promise<Uint8Array> {
  const channels = pixels.length / (size.width * size.height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `${pixels.length} samples are not 1, 3 or 4 per pixel of ${size.width} x ${size.height}`,
      { where: 'encodePng' },
    );
  }
  // Native code, a tenth of a second to load: only programs that write pictures wait for it.
  const { default: sharp } = await import('sharp');
  const image = sharp(pixels, {
    raw: { width: size.width, height: size.height, channels },
    limitInputPixels: false,
  });
  // A single channel would be widened to three.
  return (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
}

/**
 * Writes pixels as a PNG file: beside the place, then renamed, so that a reader never sees half of it.
 * @param path - the file to write; its folder must exist
 * @throws MaskloomError OUTPUT_UNWRITABLE, VALUE_INVALID
 */
export async function writePng(path: string, pixels: Uint8Array, size: Size): Promise<void> {
  const bytes = await encodePng(pixels, size);
  const beside = partialPath(path);
  try {
    await writeFile(beside, bytes, { flag: 'wx', flush: true });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new MaskloomError(
      'OUTPUT_UNWRITABLE',
      `the picture cannot be written: ${(cause as Error).message}`,
      {
        where: path,
        hint: 'Check that the folder exists and may be written.',
        cause,
      },
    );
  }
}
