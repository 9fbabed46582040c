/**
 * The coordinate frames of this field. Mixing them is its commonest bug, so every point and box
 * carries its frame in the type and at run time.
 *
 * - `ImagePx`: pixels of the original image; x right, y down; the centre of the top-left pixel is (0, 0).
 * - `SamPx`: pixels of SAM's resized input (longest side = SAM's input size), before padding and
 *   before SAM's own +0.5.
 * - `ClipPx`: pixels of CLIP's resized and centre-cropped input, or of SigLIP's stretched one.
 * - `Cell`: column and row of a feature grid.
 */
export type Frame = 'ImagePx' | 'SamPx' | 'ClipPx' | 'Cell';

/** A width and height in pixels (or cells). */
export interface Size {
  /** From left to right. */
  readonly width: number;
  /** From top to bottom. */
  readonly height: number;
}

/** A box [x, y, width, height], top-left corner first, in frame F. */
export interface Box<F extends Frame> {
  /** The frame that the numbers are in. */
  readonly frame: F;
  /** Left edge. */
  readonly x: number;
  /** Top edge. */
  readonly y: number;
  /** To the right of `x`. */
  readonly width: number;
  /** Down from `y`. */
  readonly height: number;
}

/** SAM's point labels: 1 positive, 0 negative, -1 "not a point" (neutral: carries no location). */
export type PointLabel = 1 | 0 | -1;

/** P labelled points in frame F. */
export interface PointSet<F extends Frame> {
  /** The frame that the coordinates are in. */
  readonly frame: F;
  /** Interleaved x, y; length 2 P. */
  readonly xy: Float32Array;
  /** Length P; values of {@link PointLabel}. */
  readonly labels: Int8Array;
}

/**
 * How an image became a model's square input: resize (x by `scaleX`, y by `scaleY`), then cut
 * `offsetX`, `offsetY` from the left and top, then pad right and bottom to `input`.
 * Maps ImagePx to frame F as `x * scaleX - offsetX`.
 */
export interface ImageTransform<F extends Frame> {
  /** The frame of the model's input. */
  readonly frame: F;
  /** Size of the original image in pixels. */
  readonly original: Size;
  /** Size after the resize, before crop or pad. */
  readonly resized: Size;
  /** Size of the model's input. */
  readonly input: Size;
  /** resized.width / original.width. */
  readonly scaleX: number;
  /** resized.height / original.height. */
  readonly scaleY: number;
  /** Pixels of the resized image cut off on the left (centre crop); 0 when padding. */
  readonly offsetX: number;
  /** Pixels of the resized image cut off at the top (centre crop); 0 when padding. */
  readonly offsetY: number;
}
