import type { Size } from '../domain/frames.js';
import type { ImageFrame } from '../domain/image-frame.js';
import type { RunContext, Stage } from './stage.js';

/** A part of an image that the towers look at by itself. */
export interface ImageView {
  /** Its pixels; `partOf` is the whole image's hash. */
  readonly image: ImageFrame;
  /** `window`: covers its place pixel by pixel. `global`: the whole canvas at another scale. */
  readonly kind: 'window' | 'global';
  /** Left edge on the canvas in whole pixels; 0 for a global view. */
  readonly x: number;
  /** Top edge on the canvas in whole pixels; 0 for a global view. */
  readonly y: number;
  /** In a pyramid of crops: how deep, 0 the whole image. Absent where views are no pyramid. */
  readonly layer?: number;
}

/** How an image is looked at: the views, and the canvas that their scores are put together on. */
export interface TilePlan {
  /** Size of the resized image that the windows are cut from. It covers the whole image. */
  readonly canvas: Size;
  /** At least one; the windows together cover the canvas, or there is none. At most one is global. */
  readonly views: readonly ImageView[];
}

/** Image to the views that dense towers read: one whole view, or sliding windows. */
export interface Tiler extends Stage {
  plan(image: ImageFrame, run: RunContext): Promise<TilePlan>;
}
