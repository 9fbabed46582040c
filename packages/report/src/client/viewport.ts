/** What part of an image a row of cells shows. All cells of a row share one, so they move together. */
export interface Viewport {
  /** 1 = the whole image fits. */
  readonly zoom: number;
  /** The point of the image at the middle of the cell, as fractions of its width and height. */
  readonly x: number;
  readonly y: number;
}

/** Where an image lands in a cell: `cell = image * scale + offset`, in CSS pixels. */
export interface Placement {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** The whole image. */
export const FIT: Viewport = { zoom: 1, x: 0.5, y: 0.5 };

/** Largest zoom. */
export const MAX_ZOOM = 32;

/**
 * Places an image in a cell.
 * @param view - what to show
 * @param image - width and height of the image
 * @param cell - width and height of the cell
 */
export function place(
  view: Viewport,
  image: readonly [number, number],
  cell: readonly [number, number],
): Placement {
  const scale = Math.min(cell[0] / image[0], cell[1] / image[1]) * view.zoom;
  return {
    scale,
    left: cell[0] / 2 - view.x * image[0] * scale,
    top: cell[1] / 2 - view.y * image[1] * scale,
  };
}

/**
 * Zooms by a factor and keeps the point under the pointer where it is.
 * @param at - the pointer in the cell, CSS pixels
 */
export function zoomAt(
  view: Viewport,
  factor: number,
  at: readonly [number, number],
  image: readonly [number, number],
  cell: readonly [number, number],
): Viewport {
  const zoom = Math.min(MAX_ZOOM, Math.max(1, view.zoom * factor));
  if (zoom === 1) return FIT;
  const before = place(view, image, cell);
  const u = (at[0] - before.left) / (before.scale * image[0]);
  const v = (at[1] - before.top) / (before.scale * image[1]);
  const after = place({ zoom, x: view.x, y: view.y }, image, cell);
  const x = u - (at[0] - cell[0] / 2) / (after.scale * image[0]);
  const y = v - (at[1] - cell[1] / 2) / (after.scale * image[1]);
  return clamp({ zoom, x, y });
}

/**
 * Moves the picture by CSS pixels.
 * @param dx - to the right
 * @param dy - down
 */
export function pan(
  view: Viewport,
  dx: number,
  dy: number,
  image: readonly [number, number],
  cell: readonly [number, number],
): Viewport {
  const { scale } = place(view, image, cell);
  return clamp({ zoom: view.zoom, x: view.x - dx / (scale * image[0]), y: view.y - dy / (scale * image[1]) });
}

function clamp(view: Viewport): Viewport {
  const half = 0.5 / view.zoom;
  const within = (value: number): number => Math.min(1 - half, Math.max(half, value));
  return { zoom: view.zoom, x: within(view.x), y: within(view.y) };
}
