import { MaskloomError, type Size } from '@maskloom/core';
import { readImageHeader } from '@maskloom/runtime';
import { MAX_PICTURE_PIXELS, mostFor } from './limits.js';
import { jpegHeader, type JpegHeader } from './jpeg-header.js';
import { asImageError } from './label-image.js';
import { readBytes } from './read-bytes.js';

/**
 * Which form of a picture annotations are drawn on: as its pixels are stored, or as it is shown, turned by its EXIF
 * orientation. Most pictures have no orientation and are the same in both.
 */
export type Drawn = 'stored' | 'shown';

/** Both sizes of a picture, from its header. */
export interface PictureSizes {
  /** As its pixels are stored. */
  readonly stored: Size;
  /** As it is shown. */
  readonly shown: Size;
  /** EXIF orientation, 1 to 8; 1 is as stored. */
  readonly orientation: number;
}

/**
 * Both sizes of an image file; nothing is decoded.
 * @param maxPixels - largest width * height; 100,000,000 when absent
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` when it is no image
 */
export async function pictureSizes(path: string, maxPixels = MAX_PICTURE_PIXELS): Promise<PictureSizes> {
  const { width, height, orientation } =
    (await ordinary(path, maxPixels)) ??
    (await readImageHeader(path, { maxPixels }).catch(asImageError(path)));
  const stored = { width, height };
  // Orientations 5 to 8 turn by a quarter.
  return { stored, shown: orientation >= 5 ? { width: height, height: width } : stored, orientation };
}

/** Bytes that the headers of nearly all files fit in. */
const HEADER_BYTES = 1 << 16;

/** The header of an ordinary JPEG, read here: asking the process that decodes pictures costs many times as much. */
async function ordinary(path: string, maxPixels: number): Promise<JpegHeader | undefined> {
  const header = jpegHeader(await readBytes(path, HEADER_BYTES));
  return header !== undefined && header.width * header.height <= maxPixels ? header : undefined;
}

/** A picture as a data set's annotations see it. */
export interface DrawnPicture {
  /** The form that they are drawn on. */
  readonly drawn: Drawn;
  /** Its size in that form. */
  readonly size: Size;
  /** What the reader should know, where the two forms differ. */
  readonly note?: string;
}

/**
 * Which form of a picture its annotations are drawn on. The size that the record states decides where it is that of one form
 * alone; else the data set's own rule does.
 * @param stated - the size that the record states; absent where it states none
 * @param rule - the data set's own rule, or the reader's choice
 * @param maxPixels - largest width * height, where it is above 100,000,000; what the record states is allowed as well
 * @throws MaskloomError `DATA_INVALID` naming both sizes when the stated one is neither; `DATA_NOT_FOUND`
 */
export async function drawnPicture(
  path: string,
  stated: Size | undefined,
  rule: Drawn,
  maxPixels?: number,
): Promise<DrawnPicture> {
  const { stored, shown, orientation } = await pictureSizes(path, mostFor(stated, maxPixels));
  const text = ({ width, height }: Size): string => `${width} x ${height}`;
  const fits = (size: Size): boolean =>
    stated === undefined || (size.width === stated.width && size.height === stated.height);
  if (!fits(stored) && !fits(shown)) {
    const turned = orientation === 1 ? '' : ` as stored and ${text(shown)} as shown`;
    throw new MaskloomError(
      'DATA_INVALID',
      `The picture is ${text(stored)}${turned}, its record says ${stated === undefined ? '' : text(stated)}.`,
      { where: path, hint: 'The picture was exchanged or resized after it was annotated.' },
    );
  }
  if (orientation === 1) return { drawn: rule, size: stored };
  const drawn = fits(stored) && fits(shown) ? rule : fits(stored) ? 'stored' : 'shown';
  return {
    drawn,
    size: drawn === 'stored' ? stored : shown,
    note:
      `${path}: its orientation tag (${orientation}) turns it: stored ${text(stored)}, shown ${text(shown)}; ` +
      `the annotations are taken as drawn on the picture as ${drawn}`,
  };
}
