import { crc32, inflateSync } from 'node:zlib';
import { MAX_PICTURE_PIXELS } from './limits.js';
import { unfilter, unpack } from './png-rows.js';
import { dataInvalid } from './validate.js';

/** The raw samples of a PNG: what the file holds, no colours looked up and nothing scaled. */
export interface RawPng {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Samples per pixel: 1 grey or palette index, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** True when samples are places in a palette. */
  readonly indexed: boolean;
  /** Colours of an indexed picture, three bytes each: R, G, B. */
  readonly palette?: Uint8Array;
  /** Row-major [height, width, channels]; 0..2^depth - 1. */
  readonly samples: Uint8Array | Uint16Array;
}

/** What a PNG's header says. */
export interface PngHeader {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Bits per sample. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colour: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHANNELS: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** A PNG's rows as the file has them: inflated, still filtered. */
export interface FilteredRows extends PngHeader {
  /** Samples per pixel: 1 grey or palette index, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4;
  /** Bytes of a row without its filter byte. */
  readonly stride: number;
  /** `height` rows of one filter byte and `stride` bytes. */
  readonly rows: Uint8Array;
  /** Colours of an indexed picture, three bytes each: R, G, B. */
  readonly palette: Uint8Array | undefined;
}

/** Deflate makes a byte of at most this many. */
const MOST_INFLATED = 1032;

/**
 * Inflates the rows of a PNG.
 * @param bytes - the file
 * @param where - the file's path, for errors
 * @param most - pixels that are inflated at most
 * @throws MaskloomError `DATA_INVALID` when it is no PNG, is damaged (checksums are compared), is interlaced, or has more
 * than `most` pixels
 */
export function inflatePng(bytes: Uint8Array, where: string, most = MAX_PICTURE_PIXELS): FilteredRows {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = pngHeader(buffer, where, most);
  const { width, height, depth, colour } = header;
  const channels = CHANNELS[colour] as 1 | 2 | 3 | 4;
  const stride = Math.ceil((width * channels * depth) / 8);
  const size = (stride + 1) * height;
  const { packed, palette } = imageData(buffer, where);
  // In one piece: pieces of another size are copied together in the end.
  const chunkSize = Math.max(64, Math.min(size + 1, MOST_INFLATED * packed.length));
  let rows: Uint8Array;
  try {
    rows = inflateSync(packed, { maxOutputLength: size, chunkSize });
  } catch (cause) {
    throw dataInvalid(
      where,
      'picture',
      `its pixels cannot be inflated (${String((cause as Error).message)})`,
    );
  }
  if (rows.length !== size)
    throw dataInvalid(where, 'picture', `it has ${rows.length} of ${size} bytes of pixels`);
  return { ...header, channels, stride, rows, palette };
}

/**
 * Decodes a PNG without touching its samples. Image libraries turn palette indices into colours and 16-bit grey into
 * 8-bit RGB, which destroys label maps (PASCAL VOC, Mapillary); hence this reader.
 * @param bytes - the file
 * @param where - the file's path, for errors
 * @param most - pixels that are decoded at most
 * @throws MaskloomError as {@link inflatePng}
 */
export function decodePng(bytes: Uint8Array, where: string, most = MAX_PICTURE_PIXELS): RawPng {
  return rawPng(inflatePng(bytes, where, most), where);
}

/**
 * The samples of inflated rows.
 * @throws MaskloomError `DATA_INVALID` on an unknown filter
 */
export function rawPng(png: FilteredRows, where: string): RawPng {
  const { width, height, depth, colour, channels, stride, rows, palette } = png;
  const lines = unfilter(rows, height, stride, Math.max(1, (channels * depth) >> 3), where);
  const samples = unpack(lines, width * channels, height, stride, depth);
  return {
    width,
    height,
    channels,
    depth,
    indexed: colour === 3,
    ...(palette === undefined ? {} : { palette }),
    samples,
  };
}

/** Whether a file's first bytes are those of a PNG. */
export function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).equals(SIGNATURE);
}

/**
 * Reads the header of a PNG.
 * @param bytes - at least its first 33 bytes
 * @throws MaskloomError `DATA_INVALID`
 */
export function pngHeader(bytes: Buffer, where: string, most = MAX_PICTURE_PIXELS): PngHeader {
  if (bytes.length < 33 || !isPng(bytes)) throw dataInvalid(where, 'picture', 'it is no PNG');
  if (bytes.toString('latin1', 12, 16) !== 'IHDR' || bytes.readUInt32BE(8) !== 13)
    throw dataInvalid(where, 'picture', 'it does not start with a header');
  checkSum(bytes, 8, 13, where);
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const [depth, colour, packing, filter, interlace] = bytes.subarray(24, 29) as unknown as number[];
  if (width === 0 || height === 0 || width * height > most)
    throw dataInvalid(where, 'picture', `it is ${width} x ${height} pixels, more than can be read, or none`);
  if (!(DEPTHS[colour as number] ?? []).includes(depth as number) || packing !== 0 || filter !== 0)
    throw dataInvalid(where, 'picture', `colour type ${colour} with ${depth} bits is no PNG form`);
  if (interlace !== 0) throw dataInvalid(where, 'picture', 'it is interlaced; save it without');
  return { width, height, depth: depth as number, colour: colour as number };
}

function imageData(
  bytes: Buffer,
  where: string,
): { readonly packed: Buffer; readonly palette: Uint8Array | undefined } {
  const parts: Buffer[] = [];
  let palette: Uint8Array | undefined;
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw dataInvalid(where, 'picture', 'it ends too early');
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) throw dataInvalid(where, 'picture', 'it ends too early');
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') {
      checkSum(bytes, at, length, where);
      parts.push(bytes.subarray(at + 8, at + 8 + length));
    }
    if (type === 'PLTE') palette = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return { packed: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), palette };
}

function checkSum(bytes: Buffer, at: number, length: number, where: string): void {
  if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== bytes.readUInt32BE(at + 8 + length))
    throw dataInvalid(where, 'picture', 'a checksum is wrong, so it is damaged');
}
