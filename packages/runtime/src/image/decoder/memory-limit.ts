/** What the process takes by itself, its libraries included, and tables of any decoder. */
const BASE_BYTES = 384 * 2 ** 20;
/**
 * The hungriest honest picture: 16-bit RGBA, interlaced and turned, is held decoded, turned and as the result
 * (8 + 8 + 3 bytes a pixel); a third more for what the allocator does not give back.
 */
const BYTES_PER_PIXEL = 26;

/**
 * Resident memory that a decoder's process may take, in bytes.
 * @param maxPixels - what the caller allows a picture to have
 */
export function memoryLimit(maxPixels: number): number {
  return BASE_BYTES + BYTES_PER_PIXEL * maxPixels;
}
