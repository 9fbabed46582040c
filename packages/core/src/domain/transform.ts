import type { Box, Frame, ImageTransform, PointSet } from './frames.js';

/**
 * Maps points or a box from the image into a model's frame: `x * scaleX - offsetX`, `y * scaleY - offsetY`.
 * Labels are kept; nothing is clamped, so what a crop cut off lies outside of 0..input.
 * @param shape - in ImagePx
 * @param transform - how the image became the model's input
 * @returns a new value in the transform's frame
 */
export function toFrame<F extends Frame>(
  shape: PointSet<'ImagePx'>,
  transform: ImageTransform<F>,
): PointSet<F>;
export function toFrame<F extends Frame>(shape: Box<'ImagePx'>, transform: ImageTransform<F>): Box<F>;
export function toFrame<F extends Frame>(
  shape: PointSet<'ImagePx'> | Box<'ImagePx'>,
  transform: ImageTransform<F>,
): PointSet<F> | Box<F> {
  const { frame, scaleX, scaleY, offsetX, offsetY } = transform;
  if ('xy' in shape)
    return mapPoints(
      shape,
      frame,
      (x) => x * scaleX - offsetX,
      (y) => y * scaleY - offsetY,
    );
  return {
    frame,
    x: shape.x * scaleX - offsetX,
    y: shape.y * scaleY - offsetY,
    width: shape.width * scaleX,
    height: shape.height * scaleY,
  };
}

/**
 * Maps points or a box from a model's frame back into the image: `(x + offsetX) / scaleX`, likewise y.
 * @param shape - in the transform's frame
 * @param transform - how the image became the model's input
 * @returns a new value in ImagePx, not clamped
 */
export function fromFrame<F extends Frame>(
  shape: PointSet<F>,
  transform: ImageTransform<F>,
): PointSet<'ImagePx'>;
export function fromFrame<F extends Frame>(shape: Box<F>, transform: ImageTransform<F>): Box<'ImagePx'>;
export function fromFrame<F extends Frame>(
  shape: PointSet<F> | Box<F>,
  transform: ImageTransform<F>,
): PointSet<'ImagePx'> | Box<'ImagePx'> {
  const { scaleX, scaleY, offsetX, offsetY } = transform;
  const frame = 'ImagePx';
  if ('xy' in shape)
    return mapPoints(
      shape,
      frame,
      (x) => (x + offsetX) / scaleX,
      (y) => (y + offsetY) / scaleY,
    );
  return {
    frame,
    x: (shape.x + offsetX) / scaleX,
    y: (shape.y + offsetY) / scaleY,
    width: shape.width / scaleX,
    height: shape.height / scaleY,
  };
}

/** A position in pixels of some frame. */
export interface Position {
  /** To the right. */
  readonly x: number;
  /** Down. */
  readonly y: number;
}

/** A grid of cells over a model's square input: a feature map, or a part of one. */
export interface CellGrid<F extends Frame> {
  /** Cells from top to bottom. */
  readonly rows: number;
  /** Cells from left to right. */
  readonly columns: number;
  /** Geometry of the input that the grid covers wholly. */
  readonly transform: ImageTransform<F>;
}

/**
 * The centre of a grid cell, in pixels of the model's input: `(column + 0.5) * input.width / columns`, likewise y.
 * As in READ's and SAM's code no half pixel is taken off, so cell (0, 0) of a 16 x 16 grid over 128 pixels is (4, 4).
 */
export function cellCentre<F extends Frame>(grid: CellGrid<F>, column: number, row: number): Position {
  const { rows, columns, transform } = grid;
  return {
    x: ((column + 0.5) * transform.input.width) / columns,
    y: ((row + 0.5) * transform.input.height) / rows,
  };
}

function mapPoints<F extends Frame>(
  points: PointSet<Frame>,
  frame: F,
  mapX: (x: number) => number,
  mapY: (y: number) => number,
): PointSet<F> {
  const xy = points.xy.map((value, i) => (i % 2 === 0 ? mapX(value) : mapY(value)));
  return { frame, xy, labels: points.labels.slice() };
}
