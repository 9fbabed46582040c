import type { SceneImage } from './cell-view.js';
import type { GridPart } from './rle.js';

/** The original's own pixels, a tile at a time, for a picture that was scaled down to be painted quickly. */
export interface Detail {
  /** Side of a tile in pixels of the original. */
  readonly side: number;
  /** A tile by its column and row; nothing while it is on its way, which this call has asked for. */
  tile(column: number, row: number): CanvasImageSource | undefined;
}

/**
 * Paints the original's own pixels where they are there, over the picture.
 * @param shrink - picture pixels per pixel of the original
 * @param part - what is in view, in picture pixels
 */
export function paintDetail(
  context: CanvasRenderingContext2D,
  { detail, width, height }: SceneImage,
  shrink: number,
  part: GridPart,
): void {
  if (detail === undefined) return;
  const step = detail.side * shrink;
  const [right, bottom] = [Math.min(width, part.left + part.width), Math.min(height, part.top + part.height)];
  for (let row = Math.max(0, Math.floor(part.top / step)); row * step < bottom; row++)
    for (let column = Math.max(0, Math.floor(part.left / step)); column * step < right; column++) {
      const tile = detail.tile(column, row);
      if (tile === undefined) continue;
      // The last tile of a row or column ends with the picture.
      const [x, y] = [column * step, row * step];
      context.drawImage(tile, x, y, Math.min(step, width - x), Math.min(step, height - y));
    }
}
