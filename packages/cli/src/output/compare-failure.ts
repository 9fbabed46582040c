import type { MaskloomError } from '@maskloom/core';

/** An image, or a recipe on an image, without a result. */
export interface CompareFailure {
  /** The image. */
  readonly path: string;
  /** The recipe; absent when the image itself could not be read. */
  readonly recipe?: string;
  /** Why. */
  readonly error: MaskloomError;
}
