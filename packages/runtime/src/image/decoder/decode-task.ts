import sharp from 'sharp';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import type { DecodeRequest, ImageHeader, NotDecoded } from './messages.js';

/** Pixels with the header of what they are. */
export interface DecodedImage {
  readonly header: ImageHeader;
  readonly data: Uint8Array;
}

/** Loaders of the formats that are read. Everything else that libvips brings (SVG, PDF, ImageMagick, ...) stays shut. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].flatMap((name) => [
  `VipsForeignLoad${name}Buffer`,
  `VipsForeignLoad${name}File`,
]);

/** Leaves libvips no loader but those of raster formats. For the decoder's own process: it holds for all of it. */
export function shutOtherLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.cache(false);
}

/**
 * Decodes one picture.
 * @returns the picture, or why it is not decoded
 */
export async function decodeTask(
  request: DecodeRequest,
  bytes: Uint8Array,
): Promise<DecodedImage | NotDecoded> {
  // 'error' refuses truncated and damaged pixel data and lets harmless oddities of a header pass.
  const settings: SharpOptions = { failOn: 'error', limitInputPixels: false, pages: 1 };
  const { path: input = bytes, maxPixels } = request;
  try {
    const metadata = await sharp(input, settings).metadata();
    const header = headerOf(metadata);
    // The container of AVIF also holds HEVC.
    if (metadata.format === 'heif' && metadata.compression !== 'av1')
      return { ok: false, kind: 'damaged', message: `it holds ${metadata.compression ?? 'no'} pictures` };
    if (header.width * header.height > maxPixels)
      return { ok: false, kind: 'pixels', message: `${header.width} x ${header.height}` };
    if (request.task === 'header') return { header, data: new Uint8Array(0) };
    const image = sharp(input, { ...settings, limitInputPixels: maxPixels });
    return await (request.task === 'rgb'
      ? toRgb(image, header, request.asStored === true)
      : toSamples(image, header));
  } catch (error) {
    return { ok: false, kind: 'damaged', message: lastLine((error as Error).message) };
  }
}

/** What libvips says last is why; before it come the attempts that led there. */
function lastLine(message: string): string {
  return message.trim().split('\n').at(-1) ?? message;
}

function headerOf(metadata: Metadata): ImageHeader {
  const { width, height, orientation = 1, channels, depth, pages = 1 } = metadata;
  return { width, height, orientation, channels, depth, pages };
}

async function toRgb(image: Sharp, header: ImageHeader, asStored: boolean): Promise<DecodedImage> {
  const { data, info } = await (asStored ? image : image.autoOrient())
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return {
    header: { ...header, width, height, channels: 3, depth: 'uchar' },
    data: info.channels === 1 ? tripled(data) : data,
  };
}

/** One channel as stored: no conversion to sRGB, which would change values. */
async function toSamples(image: Sharp, header: ImageHeader): Promise<DecodedImage | NotDecoded> {
  const { channels, depth } = header;
  if (channels !== 1 || (depth !== 'uchar' && depth !== 'ushort')) {
    const message = `1 channel of 8 or 16 bits is wanted, it has ${channels} of ${depth}`;
    return { ok: false, kind: 'damaged', message };
  }
  const data = await image
    .toColourspace(depth === 'ushort' ? 'grey16' : 'b-w')
    .raw({ depth })
    .toBuffer();
  return { header, data };
}

function tripled(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return rgb;
}
