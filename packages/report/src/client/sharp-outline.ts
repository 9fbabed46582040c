import { traceOutline } from '@maskloom/masks/outline';
import { toPath, type Layer } from './layers.js';
import { runLengths, samplePart, type GridPart } from './rle.js';

/** What is traced beyond the part in view, as a share of it: a picture that moves a little stays sharp. */
const MARGIN = 0.1;

/** The outline to paint: at the original's own pixels where they are there for what is in view. */
export function outlineOf(layer: Layer, part: GridPart): Path2D {
  return layer.sharp !== undefined && isSharp(layer, part) ? layer.sharp.path : layer.path;
}

/** Whether a mask's outline is there at the original's own pixels, for a part of the picture. */
export function isSharp({ sharp, bounds }: Layer, part: GridPart): boolean {
  if (sharp === undefined) return false;
  const [seen, right] = [within(part, bounds), sharp.part];
  return (
    seen.left >= right.left &&
    seen.top >= right.top &&
    seen.left + seen.width <= right.left + right.width &&
    seen.top + seen.height <= right.top + right.height
  );
}

/**
 * Traces a mask at the original's own pixels, around the part in view: all of a large mask would take too long.
 * @param size - height and width of the original
 * @param shrink - picture pixels per pixel of the original
 * @param part - what is in view, in picture pixels
 */
export function sharpen(layer: Layer, size: readonly [number, number], shrink: number, part: GridPart): void {
  const [dx, dy] = [part.width * MARGIN, part.height * MARGIN];
  const right = within(grown(part, dx, dy), grown(layer.bounds, 1, 1));
  // The cut edges of the grid are as far again from what is in view: they are never seen.
  const cut = within(grown(part, 2 * dx, 2 * dy), grown(layer.bounds, 2, 2));
  const grid = toGrid(cut, size, shrink);
  const mask = samplePart(runLengths(layer.counts), size[0], size[1], size[0], size[1], grid);
  const path = toPath(traceOutline(mask, grid.width, grid.height), grid, shrink);
  layer.sharp = { path, part: right };
}

/** A part of the picture as whole pixels of the original. */
function toGrid(part: GridPart, [height, width]: readonly [number, number], shrink: number): GridPart {
  const left = Math.max(0, Math.floor(part.left / shrink));
  const top = Math.max(0, Math.floor(part.top / shrink));
  return {
    left,
    top,
    width: Math.max(0, Math.min(width, Math.ceil((part.left + part.width) / shrink)) - left),
    height: Math.max(0, Math.min(height, Math.ceil((part.top + part.height) / shrink)) - top),
  };
}

function grown({ left, top, width, height }: GridPart, dx: number, dy: number): GridPart {
  return { left: left - dx, top: top - dy, width: width + 2 * dx, height: height + 2 * dy };
}

function within(one: GridPart, other: GridPart): GridPart {
  const left = Math.max(one.left, other.left);
  const top = Math.max(one.top, other.top);
  return {
    left,
    top,
    width: Math.max(0, Math.min(one.left + one.width, other.left + other.width) - left),
    height: Math.max(0, Math.min(one.top + one.height, other.top + other.height) - top),
  };
}
