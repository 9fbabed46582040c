import {
  bilinearWeights,
  mixRectangle,
  Scratch,
  sourcesOf,
  type AxisWeights,
  type Rectangle,
  type Size,
} from '@maskloom/core';
import type { CanvasScores } from './stitcher.js';

/** Pixels of the canvas, and of the image, that a tile has about along each side. */
const TILE = 8;
/** Classes whose bounds in a tile are compared before one of them contends for it: what it gains spares the next ones theirs. */
const TOGETHER = 12;
/** Pixels that are cleared between two pauses. */
const CLEARED = 1 << 18;

/** A part of the image with the part of the canvas that it is made of. */
interface Tile {
  readonly image: Rectangle;
  readonly canvas: Rectangle;
  /** The lowest winning score: a class that stays below changes nothing here. */
  lowest: number;
}

/** A class that may win pixels. */
export interface Contender {
  /** Its place among all classes. */
  readonly index: number;
  readonly scores: CanvasScores;
}

/**
 * The winning class of every pixel, some classes at a time: memory does not grow with the number of classes. A class's
 * scores come on the canvas and are brought to the image's size (PyTorch's bilinear, no aligned corners), a tile at a time and
 * only where the class can win: in each tile the class that may score highest comes first, which rules out most of the others.
 * On equal scores the class of the lower index wins.
 */
export class RunningArgmax {
  /** Class of each pixel, row-major, once one came; -1 for none. */
  readonly winner: Int32Array;
  /** Its score. */
  readonly best: Float32Array;
  readonly #width: number;
  readonly #across: AxisWeights;
  readonly #down: AxisWeights;
  readonly #tiles: readonly Tile[];
  readonly #canvas = new Scratch();
  readonly #lines = new Scratch();
  readonly #image = new Scratch();
  #cleared = false;

  constructor(size: Size, canvas: Size) {
    this.#width = size.width;
    this.winner = new Int32Array(size.width * size.height);
    this.best = new Float32Array(size.width * size.height);
    this.#across = bilinearWeights(canvas.width, size.width);
    this.#down = bilinearWeights(canvas.height, size.height);
    this.#tiles = tilesOf(size, canvas, this.#across, this.#down);
  }

  /** Lets classes take the pixels where they score higher than all before them; pauses after every tile. */
  *add(classes: readonly Contender[]): Generator<void, void> {
    if (!this.#cleared) yield* this.#clear();
    const likely: (Contender & { readonly most: number })[] = [];
    for (const one of classes) {
      likely.push({ ...one, most: one.scores.bound() });
      yield;
    }
    likely.sort((a, b) => b.most - a.most);
    const bounds = new Float64Array(TOGETHER);
    for (const tile of this.#tiles) {
      for (let from = 0; from < likely.length && likely[from]!.most >= tile.lowest; from += TOGETHER) {
        bounds.fill(-Infinity);
        for (let i = from; i < Math.min(from + TOGETHER, likely.length); i++)
          if (likely[i]!.most >= tile.lowest) bounds[i - from] = likely[i]!.scores.bound(tile.canvas);
        for (let n = from; n < Math.min(from + TOGETHER, likely.length); n++) {
          const at = placeOfHighest(bounds);
          if (bounds[at]! < tile.lowest) break;
          this.#contest(likely[from + at]!, tile);
          bounds[at] = -Infinity;
          yield;
        }
      }
      yield;
    }
  }

  /** Takes pixels from their class whose score is below a limit, pausing after every row. */
  *dropBelow(limit: number): Generator<void, void> {
    for (let from = 0; from < this.best.length; from += this.#width) {
      for (let at = from; at < from + this.#width; at++) if (this.best[at]! < limit) this.winner[at] = -1;
      yield;
    }
  }

  /** Filling a hundred megabytes takes a while. */
  *#clear(): Generator<void, void> {
    this.#cleared = true;
    for (let from = 0; from < this.best.length; from += CLEARED) {
      this.winner.fill(-1, from, from + CLEARED);
      this.best.fill(-Infinity, from, from + CLEARED);
      yield;
    }
  }

  #contest({ index, scores }: Contender, tile: Tile): void {
    const { image, canvas } = tile;
    const [wide, tall] = [canvas.right - canvas.left, canvas.bottom - canvas.top];
    const width = image.right - image.left;
    const onCanvas = this.#canvas.of(wide * tall);
    const onImage = this.#image.of(width * (image.bottom - image.top));
    scores.read(canvas, onCanvas);
    const lines = this.#lines.of(width * tall);
    mixRectangle(onCanvas, -canvas.left, wide, this.#across, this.#down, image, onImage, lines);
    let low = Infinity;
    let from = 0;
    for (let y = image.top; y < image.bottom; y++) {
      for (let at = y * this.#width + image.left, end = at + width; at < end; at++) {
        const score = onImage[from++]!;
        if (score > this.best[at]! || (score === this.best[at]! && index < this.winner[at]!)) {
          this.best[at] = score;
          this.winner[at] = index;
        }
        const best = this.best[at]!;
        if (best < low) low = best;
      }
    }
    tile.lowest = low;
  }
}

function placeOfHighest(values: Float64Array): number {
  let high = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[high]!) high = i;
  return high;
}

function tilesOf(size: Size, canvas: Size, across: AxisWeights, down: AxisWeights): readonly Tile[] {
  const wide = Math.max(TILE, Math.ceil((TILE * size.width) / canvas.width));
  const tall = Math.max(TILE, Math.ceil((TILE * size.height) / canvas.height));
  const tiles: Tile[] = [];
  for (let top = 0; top < size.height; top += tall) {
    const bottom = Math.min(size.height, top + tall);
    const rows = sourcesOf(down, { from: top, to: bottom });
    for (let left = 0; left < size.width; left += wide) {
      const right = Math.min(size.width, left + wide);
      const columns = sourcesOf(across, { from: left, to: right });
      tiles.push({
        image: { left, top, right, bottom },
        canvas: { left: columns.from, top: rows.from, right: columns.to, bottom: rows.to },
        lowest: -Infinity,
      });
    }
  }
  return tiles;
}
