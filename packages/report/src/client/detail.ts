import type { SceneImage } from './cell-view.js';
import type { GridPart } from './rle.js';

/** The original's own pixels, a tile at a time, for a picture that was scaled down to be painted quickly. */
export interface Detail {
  /** Side of a tile in pixels of the original. */
  readonly side: number;
  /** A tile by its column and row; nothing while it is on its way, which this call has asked for. */
  tile(column: number, row: number): CanvasImageSource | undefined;
}

/** A tile and where it lies, in picture pixels. */
export interface PlacedTile {
  readonly tile: CanvasImageSource;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The tiles that are there of a part of the picture, and whether those are all of it. */
export interface DetailInView {
  readonly tiles: readonly PlacedTile[];
  readonly whole: boolean;
}

/**
 * The original's own pixels in a part of the picture; those that are not there yet are asked for.
 * @param shrink - picture pixels per pixel of the original
 * @param part - what is in view, in picture pixels
 */
export function detailIn(
  { detail, width, height }: SceneImage,
  shrink: number,
  part: GridPart,
): DetailInView | undefined {
  if (detail === undefined) return undefined;
  const step = detail.side * shrink;
  const [right, bottom] = [Math.min(width, part.left + part.width), Math.min(height, part.top + part.height)];
  const tiles: PlacedTile[] = [];
  let whole = true;
  for (let row = Math.max(0, Math.floor(part.top / step)); row * step < bottom; row++)
    for (let column = Math.max(0, Math.floor(part.left / step)); column * step < right; column++) {
      const tile = detail.tile(column, row);
      const [x, y] = [column * step, row * step];
      whole &&= tile !== undefined;
      // The last tile of a row or column ends with the picture.
      const [w, h] = [Math.min(step, width - x), Math.min(step, height - y)];
      if (tile !== undefined) tiles.push({ tile, x, y, width: w, height: h });
    }
  return { tiles, whole };
}
