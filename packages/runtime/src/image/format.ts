/** Formats that are read. Vector and document formats are not pictures with pixels of their own. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif';

/** Names for messages. */
export const READABLE_FORMATS = 'JPEG, PNG, WebP, GIF, TIFF, AVIF';

/** What {@link imageFormat} looks at. */
export const FORMAT_BYTES = 256;

/**
 * The format that the first bytes announce; a file's name plays no part.
 * @param bytes - at least the first {@link FORMAT_BYTES} bytes of the file, or all of it
 */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png';
  const magic = text(bytes, 0, 4);
  if (text(bytes, 0, 6) === 'GIF87a' || text(bytes, 0, 6) === 'GIF89a') return 'gif';
  if (magic === 'RIFF' && text(bytes, 8, 12) === 'WEBP') return 'webp';
  if (magic === 'II*\0' || magic === 'MM\0*' || magic === 'II+\0' || magic === 'MM\0+') return 'tiff';
  return brands(bytes).some((brand) => brand === 'avif' || brand === 'avis') ? 'avif' : undefined;
}

/**
 * The brands in the first box of an ISO media file: the same container holds films and HEIC, which are not read. The box
 * must be as long as it says and short: text that happens to have `ftyp` in this place is no such file.
 */
function brands(bytes: Uint8Array): readonly string[] {
  if (bytes.length < 16 || text(bytes, 4, 8) !== 'ftyp') return [];
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (size < 16 || size % 4 !== 0 || size > FORMAT_BYTES || size > bytes.length) return [];
  const found = [text(bytes, 8, 12)];
  for (let at = 16; at < size; at += 4) found.push(text(bytes, at, at + 4));
  return found;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
