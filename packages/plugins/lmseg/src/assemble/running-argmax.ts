import { bilinearWeights, type AxisWeights, type Plane, type Size } from '@maskloom/core';
import { highestOf } from './sigmoid.js';

/**
 * The winning class of every pixel, one class at a time: memory does not grow with the number of classes. A class's
 * scores come on the canvas and are brought to the image's size (PyTorch's bilinear, no aligned corners). On equal
 * scores the class that came first stays.
 */
export class RunningArgmax {
  /** Class of each pixel, row-major; -1 before any class came. */
  readonly winner: Int32Array;
  /** Its score. */
  readonly best: Float32Array;
  readonly #size: Size;
  readonly #across: AxisWeights;
  readonly #down: AxisWeights;
  /** The lowest winning score of each row of the image: a class that stays below changes nothing there. */
  readonly #lowest: Float32Array;
  readonly #upper: Float32Array;
  readonly #lower: Float32Array;

  constructor(size: Size, canvas: Size) {
    this.#size = size;
    this.winner = new Int32Array(size.width * size.height).fill(-1);
    this.best = new Float32Array(size.width * size.height).fill(-Infinity);
    this.#across = bilinearWeights(canvas.width, size.width);
    this.#down = bilinearWeights(canvas.height, size.height);
    this.#lowest = new Float32Array(size.height).fill(-Infinity);
    this.#upper = new Float32Array(size.width);
    this.#lower = new Float32Array(size.width);
  }

  /** The lowest winning score anywhere. */
  get floor(): number {
    let low = Infinity;
    for (const value of this.#lowest) if (value < low) low = value;
    return low;
  }

  /** Lets a class take the pixels where it scores higher than all before it. */
  add(index: number, scores: Plane): void {
    const highs = Float32Array.from({ length: scores.height }, (_, row) =>
      highestOf(scores.values.subarray(row * scores.width, (row + 1) * scores.width)),
    );
    let [upperRow, lowerRow] = [-1, -1];
    for (let y = 0; y < this.#size.height; y++) {
      const first = this.#down.first[y] as number;
      const second = this.#down.second[y] as number;
      const bound = Math.max(highs[first] as number, highs[second] as number);
      if (bound <= (this.#lowest[y] as number)) continue;
      if (upperRow !== first) this.#mixAcross(scores, (upperRow = first), this.#upper);
      if (lowerRow !== second) this.#mixAcross(scores, (lowerRow = second), this.#lower);
      this.#contest(index, y, this.#down.weight[y] as number);
    }
  }

  /** One row of the image from two of the canvas, already at the image's width. */
  #contest(index: number, y: number, w: number): void {
    const { width } = this.#size;
    let low = Infinity;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const score = Math.fround((1 - w) * (this.#upper[x] as number) + w * (this.#lower[x] as number));
      if (score > (this.best[at] as number)) {
        this.best[at] = score;
        this.winner[at] = index;
      }
      const best = this.best[at] as number;
      if (best < low) low = best;
    }
    this.#lowest[y] = low;
  }

  #mixAcross({ values, width }: Plane, row: number, out: Float32Array): void {
    const { first, second, weight } = this.#across;
    const from = row * width;
    for (let x = 0; x < out.length; x++) {
      const w = weight[x] as number;
      out[x] =
        (1 - w) * (values[from + (first[x] as number)] as number) +
        w * (values[from + (second[x] as number)] as number);
    }
  }
}
