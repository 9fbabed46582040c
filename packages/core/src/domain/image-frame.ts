import type { Size } from './frames.js';

/** A decoded image: sRGB, 8 bits per channel, orientation applied. Never mutated. */
export interface ImageFrame extends Size {
  /** SHA-256 (hex) of the source bytes, or of the pixels when made in memory: cache key and provenance. */
  readonly sha256: string;
  /** Row-major HWC RGB, length height * width * 3, values 0..255. */
  readonly rgb: Uint8Array;
  /** `sha256` of the image that this one was cut from or scaled down from, for views of an image. */
  readonly partOf?: string;
  /** Where it came from (path or URL), when it came from somewhere. */
  readonly source?: string;
}
