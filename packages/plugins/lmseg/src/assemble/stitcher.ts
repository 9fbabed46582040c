import {
  bilinearWeights,
  mixRectangle,
  Scratch,
  sourcesOf,
  type AxisWeights,
  type Plane,
  type Rectangle,
  type Size,
  type Span,
  type TilePlan,
} from '@maskloom/core';
import { sigmoid } from './sigmoid.js';

/** One class's scores on the canvas, worked out where they are asked for. */
export interface CanvasScores {
  /** No pixel of a part of the canvas (of all of it when absent) scores higher than this. Cheap. */
  bound(part?: Rectangle): number;
  /** Writes the scores 0..1 of a part of the canvas, row-major, from the start of `out`. */
  read(part: Rectangle, out: Float32Array): void;
}

/** Weights from left to right and from top to bottom. */
interface Resize {
  readonly across: AxisWeights;
  readonly down: AxisWeights;
}

/** A view, and how its map gets onto the canvas. */
interface PlacedView {
  readonly kind: 'window' | 'global';
  /** Where it lies on the canvas. */
  readonly place: Rectangle;
  readonly toView: Resize;
  /** From there to the canvas, where that is of another size. */
  readonly toCanvas: Resize | undefined;
}

/** What a view gives to a part of the canvas. */
interface Share {
  /** Place of the view. */
  readonly index: number;
  readonly view: PlacedView;
  /** On the canvas. */
  readonly shared: Rectangle;
  /** In the view. */
  readonly at: Rectangle;
  /** Columns of the view's map. */
  readonly columns: Span;
  /** Rows of the view's map. */
  readonly rows: Span;
}

/**
 * Puts one class's maps of all views together on the canvas, as CAT-Seg does: each map to its view's size (bilinear),
 * sigmoid, windows averaged where they overlap, then the mean of the windows and the global view.
 */
export class Stitcher {
  readonly #canvas: Size;
  readonly #whole: Rectangle;
  readonly #columns: number;
  readonly #views: readonly PlacedView[];
  /** How many windows see each pixel; undefined without windows. */
  readonly #seen: Float32Array | undefined;
  readonly #view = new Scratch();
  readonly #lines = new Scratch();
  readonly #global = new Scratch();
  /** Of the part that was asked for last: classes are asked one after the other about the same part. */
  #last: { readonly part: Rectangle; readonly shares: readonly Share[] } | undefined;

  /** @param rows - of every view's map @param columns - of every view's map */
  constructor({ canvas, views }: TilePlan, rows: number, columns: number) {
    this.#canvas = canvas;
    this.#whole = wholeOf(canvas);
    this.#columns = columns;
    this.#views = views.map(({ image, kind, x, y }): PlacedView => {
      const toView = resize({ width: columns, height: rows }, image);
      if (kind === 'window') {
        const place = { left: x, top: y, right: x + image.width, bottom: y + image.height };
        return { kind, place, toView, toCanvas: undefined };
      }
      const same = image.width === canvas.width && image.height === canvas.height;
      return { kind, place: wholeOf(canvas), toView, toCanvas: same ? undefined : resize(image, canvas) };
    });
    this.#seen = timesSeen(canvas, this.#views);
  }

  /** The scores of the class that has these maps, one per view. */
  scores(maps: readonly Float32Array[]): CanvasScores {
    return {
      bound: (part = this.#whole) => this.#bound(maps, part),
      read: (part, out) => this.#read(maps, part, out),
    };
  }

  /** Scores 0..1 of one class on the whole canvas. */
  stitch(maps: readonly Float32Array[]): Plane {
    const values = new Float32Array(this.#canvas.width * this.#canvas.height);
    this.#read(maps, this.#whole, values);
    return { ...this.#canvas, values };
  }

  /** What the highest logits that have a share in a part allow. */
  #bound(maps: readonly Float32Array[], part: Rectangle): number {
    let window = -Infinity;
    let global = -Infinity;
    for (const { index, view, columns, rows } of this.#sharesOf(part)) {
      const high = highestWithin(maps[index]!, this.#columns, columns, rows);
      if (view.kind === 'global') global = Math.max(global, high);
      else window = Math.max(window, high);
    }
    const both = window > -Infinity && global > -Infinity;
    const sum = (window > -Infinity ? sigmoid(window) : 0) + (global > -Infinity ? sigmoid(global) : 0);
    // Single precision may round up, at each of a handful of steps, by a part in ten million.
    return (both ? sum / 2 : sum) * (1 + 1e-5);
  }

  #read(maps: readonly Float32Array[], part: Rectangle, out: Float32Array): void {
    const [width, length] = [part.right - part.left, (part.right - part.left) * (part.bottom - part.top)];
    let global: Float32Array | undefined;
    out.fill(0, 0, length);
    for (const { index, view, shared, at, rows } of this.#sharesOf(part)) {
      const probabilities = this.#probabilities(maps[index]!, view.toView, at, rows);
      if (view.kind === 'window') addAt(out, width, probabilities, shared, part);
      else global = this.#onCanvas(probabilities, view.toCanvas, at, part, length);
    }
    if (this.#seen === undefined) out.set((global ?? out).subarray(0, length));
    else meanOf(out, this.#seen, this.#canvas.width, global, part);
  }

  /** What the views give to a part. */
  #sharesOf(part: Rectangle): readonly Share[] {
    if (this.#last?.part === part) return this.#last.shares;
    const shares = this.#views.flatMap((view, index) => {
      const shared = intersectionOf(view.place, part);
      if (shared === undefined) return [];
      const at = inView(view, shared);
      const columns = sourcesOf(view.toView.across, { from: at.left, to: at.right });
      const rows = sourcesOf(view.toView.down, { from: at.top, to: at.bottom });
      return [{ index, view, shared, at, columns, rows }];
    });
    this.#last = { part, shares };
    return shares;
  }

  /** The sigmoid of a part of a view. */
  #probabilities(map: Float32Array, { across, down }: Resize, at: Rectangle, rows: Span): Float32Array {
    const width = at.right - at.left;
    const length = width * (at.bottom - at.top);
    const view = this.#view.of(length);
    const lines = this.#lines.of(width * (rows.to - rows.from));
    mixRectangle(map, rows.from * this.#columns, this.#columns, across, down, at, view, lines);
    for (let p = 0; p < length; p++) view[p] = sigmoid(view[p]!);
    return view;
  }

  /** A part of the global view at the canvas's size. */
  #onCanvas(
    values: Float32Array,
    toCanvas: Resize | undefined,
    at: Rectangle,
    part: Rectangle,
    length: number,
  ): Float32Array {
    const global = this.#global.of(length);
    const width = at.right - at.left;
    if (toCanvas === undefined) global.set(values.subarray(0, length));
    else {
      const lines = this.#lines.of((at.bottom - at.top) * (part.right - part.left));
      mixRectangle(values, -at.left, width, toCanvas.across, toCanvas.down, part, global, lines);
    }
    return global;
  }
}

/** The highest cell of a part of a map. */
function highestWithin(map: Float32Array, stride: number, columns: Span, rows: Span): number {
  let high = -Infinity;
  for (let y = rows.from; y < rows.to; y++) {
    for (let at = y * stride + columns.from, end = y * stride + columns.to; at < end; at++)
      if (map[at]! > high) high = map[at]!;
  }
  return high;
}

function resize(from: Size, to: Size): Resize {
  return {
    across: bilinearWeights(from.width, to.width),
    down: bilinearWeights(from.height, to.height),
  };
}

function wholeOf({ width, height }: Size): Rectangle {
  return { left: 0, top: 0, right: width, bottom: height };
}

function intersectionOf(a: Rectangle, b: Rectangle): Rectangle | undefined {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const right = Math.min(a.right, b.right);
  const bottom = Math.min(a.bottom, b.bottom);
  return left < right && top < bottom ? { left, top, right, bottom } : undefined;
}

/** The part of a view that a part of the canvas is made of. */
function inView({ place, toCanvas }: PlacedView, { left, top, right, bottom }: Rectangle): Rectangle {
  if (toCanvas === undefined)
    return {
      left: left - place.left,
      top: top - place.top,
      right: right - place.left,
      bottom: bottom - place.top,
    };
  const columns = sourcesOf(toCanvas.across, { from: left, to: right });
  const rows = sourcesOf(toCanvas.down, { from: top, to: bottom });
  return { left: columns.from, top: rows.from, right: columns.to, bottom: rows.to };
}

/** Makes sums over the windows their mean, and that the mean with the global view. */
function meanOf(
  sums: Float32Array,
  seen: Float32Array,
  stride: number,
  global: Float32Array | undefined,
  { left, top, right, bottom }: Rectangle,
): void {
  let at = 0;
  for (let y = top; y < bottom; y++) {
    for (let p = y * stride + left, end = y * stride + right; p < end; p++, at++) {
      const windows = Math.fround(sums[at]! / seen[p]!);
      sums[at] = global === undefined ? windows : (windows + global[at]!) / 2;
    }
  }
}

function timesSeen(canvas: Size, views: readonly PlacedView[]): Float32Array | undefined {
  const windows = views.filter(({ kind }) => kind === 'window');
  if (windows.length === 0) return undefined;
  const seen = new Float32Array(canvas.width * canvas.height);
  for (const { place } of windows) {
    for (let y = place.top; y < place.bottom; y++)
      for (let x = place.left; x < place.right; x++) seen[y * canvas.width + x]!++;
  }
  return seen;
}

/** Adds the values of a part of the canvas to those of another that it lies in. */
function addAt(
  sums: Float32Array,
  width: number,
  values: Float32Array,
  shared: Rectangle,
  part: Rectangle,
): void {
  let from = 0;
  for (let y = shared.top; y < shared.bottom; y++) {
    let to = (y - part.top) * width + shared.left - part.left;
    for (let x = shared.left; x < shared.right; x++) sums[to++]! += values[from++]!;
  }
}
