import type { PointsData } from './data.js';

/** What a person points at, in pixels of the original image. */
export interface Marks {
  readonly points: PointsData;
  /** x, y, width, height. */
  readonly boxes: readonly (readonly [number, number, number, number])[];
  /** Outlines, interleaved x, y; open while they are drawn. */
  readonly outlines: readonly (readonly number[])[];
}

/** Nothing is pointed at. */
export const NO_MARKS: Marks = { points: { xy: [], labels: [] }, boxes: [], outlines: [] };

/**
 * Draws boxes and outlines as a light line on a dark one.
 * @param shrink - picture pixels per image pixel
 * @param unit - length of one CSS pixel in the context's units
 */
export function strokeMarks(
  context: CanvasRenderingContext2D,
  { boxes, outlines }: Marks,
  shrink: number,
  unit: number,
): void {
  const path = new Path2D();
  for (const [x, y, width, height] of boxes)
    path.rect(x * shrink, y * shrink, width * shrink, height * shrink);
  for (const outline of outlines) {
    path.moveTo((outline[0] ?? 0) * shrink, (outline[1] ?? 0) * shrink);
    for (let i = 2; i < outline.length; i += 2)
      path.lineTo((outline[i] ?? 0) * shrink, (outline[i + 1] ?? 0) * shrink);
  }
  for (const [colour, width] of [
    ['rgb(0 0 0 / 0.7)', 4],
    ['#fff', 2],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width * unit;
    context.stroke(path);
  }
}
