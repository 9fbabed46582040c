/** What a picture's header says of its size. */
export interface JpegHeader {
  /** Pixels of a row, as stored. */
  readonly width: number;
  /** Rows, as stored. */
  readonly height: number;
  /** EXIF orientation, 1 to 8; 1 is as stored. */
  readonly orientation: number;
}

const EXIF = Buffer.from('Exif\0\0', 'latin1');
/** Markers of frames of 8-bit baseline, extended and progressive pictures (ITU T.81, table B.1). */
const FRAMES = [0xc0, 0xc1, 0xc2];
/** Markers of what stands before the picture and does not change its size: tables, restarts, applications' own, comments. */
const plain = (marker: number): boolean =>
  [0xc4, 0xdb, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef);
const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * Reads the header of an ordinary JPEG file; `undefined` for everything else: another format, a frame of another kind, a header
 * that is damaged or goes on beyond these bytes. Whoever asks then has an image library look, which knows and says more.
 * @param start - the first bytes of the file
 */
export function jpegHeader(start: Buffer): JpegHeader | undefined {
  if (start.length < 4 || start.readUInt16BE(0) !== 0xffd8) return undefined;
  let size: { readonly width: number; readonly height: number } | undefined;
  let orientation: number | undefined;
  for (let at = 2; at + 4 <= start.length;) {
    const [lead, marker, length] = [start[at], start[at + 1] ?? 0, start.readUInt16BE(at + 2)];
    if (lead !== 0xff || length < 2) return undefined;
    // Here the pixels begin.
    if (marker === 0xda) return size && { ...size, orientation: orientation ?? 1 };
    const end = at + 2 + length;
    if (end > start.length) return undefined;
    const segment = start.subarray(at + 4, end);
    if (FRAMES.includes(marker)) {
      if (size !== undefined || segment.length < 6 || segment[0] !== 8) return undefined;
      size = { width: segment.readUInt16BE(3), height: segment.readUInt16BE(1) };
      if (size.width === 0 || size.height === 0) return undefined;
    } else if (!plain(marker)) return undefined;
    else if (marker === 0xe1 && segment.subarray(0, 6).equals(EXIF)) {
      const found = orientationOf(segment.subarray(6));
      if (orientation !== undefined || found === undefined) return undefined;
      orientation = found;
    }
    at = end;
  }
  return undefined;
}

/** The orientation that EXIF data states, 1 where it states none; `undefined` where it cannot be told. */
function orientationOf(tiff: Buffer): number | undefined {
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return undefined;
  const short = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number): number => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const first = long(4);
  if (short(2) !== 42) return undefined;
  if (first + 2 > tiff.length || first + 2 + 12 * short(first) > tiff.length) return undefined;
  for (let entry = first + 2, left = short(first); left > 0; left--, entry += 12) {
    if (short(entry) !== ORIENTATION) continue;
    const value = short(entry + 8);
    const one = short(entry + 2) === SHORT && long(entry + 4) === 1;
    return one && value >= 1 && value <= 8 ? value : undefined;
  }
  return 1;
}
