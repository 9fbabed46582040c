import { resizeBilinear, type Plane, type TilePlan } from '@maskloom/core';
import { highestOf, sigmoid } from './sigmoid.js';

/**
 * Puts one class's maps of all views together on the canvas, as CAT-Seg does: each map to its view's size (bilinear),
 * sigmoid, windows averaged where they overlap, then the mean of the windows and the global view.
 */
export class Stitcher {
  readonly #plan: TilePlan;
  readonly #rows: number;
  readonly #columns: number;
  /** How many windows see each pixel; undefined without windows. */
  readonly #seen: Float32Array | undefined;

  /** @param rows - of every view's map @param columns - of every view's map */
  constructor(plan: TilePlan, rows: number, columns: number) {
    this.#plan = plan;
    this.#rows = rows;
    this.#columns = columns;
    this.#seen = timesSeen(plan);
  }

  /**
   * No pixel can score higher than this: what the maps' highest logits allow. Cheap, so that the thousands of classes
   * that are nowhere need not be put together.
   */
  bound(maps: readonly Float32Array[]): number {
    let window = -Infinity;
    let global = -Infinity;
    this.#plan.views.forEach(({ kind }, i) => {
      const high = highestOf(maps[i] as Float32Array);
      if (kind === 'global') global = Math.max(global, high);
      else window = Math.max(window, high);
    });
    const parts = [window, global].filter((high) => high > -Infinity).map(sigmoid);
    // Single precision may round up.
    return parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length) + 1e-6;
  }

  /** Scores 0..1 of one class on the canvas. */
  stitch(maps: readonly Float32Array[]): Plane {
    const { canvas, views } = this.#plan;
    const sum = this.#seen === undefined ? undefined : new Float32Array(canvas.width * canvas.height);
    let global: Float32Array | undefined;
    views.forEach(({ image, kind, x, y }, i) => {
      const map = { width: this.#columns, height: this.#rows, values: maps[i] as Float32Array };
      const plane = resizeBilinear(map, image);
      for (let p = 0; p < plane.values.length; p++) plane.values[p] = sigmoid(plane.values[p] as number);
      if (kind === 'global')
        global = sameSize(plane, canvas) ? plane.values : resizeBilinear(plane, canvas).values;
      else if (sum !== undefined) addAt(sum, canvas.width, plane, x, y);
    });
    return { ...canvas, values: mean(sum, this.#seen, global) };
  }
}

function mean(
  sum: Float32Array | undefined,
  seen: Float32Array | undefined,
  global: Float32Array | undefined,
): Float32Array {
  if (sum === undefined || seen === undefined) return global ?? new Float32Array(0);
  for (let p = 0; p < sum.length; p++) {
    const windows = Math.fround((sum[p] as number) / (seen[p] as number));
    sum[p] = global === undefined ? windows : (windows + (global[p] as number)) / 2;
  }
  return sum;
}

function timesSeen({ canvas, views }: TilePlan): Float32Array | undefined {
  const windows = views.filter(({ kind }) => kind === 'window');
  if (windows.length === 0) return undefined;
  const seen = new Float32Array(canvas.width * canvas.height);
  for (const { image, x, y } of windows) {
    const ones = { ...image, values: new Float32Array(image.width * image.height).fill(1) };
    addAt(seen, canvas.width, ones, x, y);
  }
  return seen;
}

function addAt(sum: Float32Array, width: number, plane: Plane, x: number, y: number): void {
  for (let row = 0; row < plane.height; row++) {
    const to = (y + row) * width + x;
    const from = row * plane.width;
    for (let column = 0; column < plane.width; column++)
      sum[to + column] = (sum[to + column] as number) + (plane.values[from + column] as number);
  }
}

function sameSize(a: { width: number; height: number }, b: { width: number; height: number }): boolean {
  return a.width === b.width && a.height === b.height;
}
