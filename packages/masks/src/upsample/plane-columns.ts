import type { AxisBlocks } from './axis-blocks.js';

/**
 * Values of the plane between a mask's logits and the image, made when asked for: of one image column, mixed of two columns
 * of the plane. Every step rounds to single precision, as PyTorch's does.
 */
export class PlaneColumns {
  readonly #across: AxisBlocks;
  readonly #down: AxisBlocks;
  readonly #width: number;
  #logits: Float32Array = new Float32Array(0);
  /** The plane's columns that are held, by the lowest bit of their number: two that follow each other. NaN where not made. */
  readonly #columns: readonly [Float32Array, Float32Array];
  readonly #held: [number, number] = [-1, -1];
  /** The image column that is held, by row of the plane; only the rows asked for are true. */
  readonly #mixed: Float32Array;

  /** @param width - logits in a row @param rows - of the plane */
  constructor(across: AxisBlocks, down: AxisBlocks, width: number, rows: number) {
    this.#across = across;
    this.#down = down;
    this.#width = width;
    this.#columns = [new Float32Array(rows), new Float32Array(rows)];
    this.#mixed = new Float32Array(rows);
  }

  /** Forgets all columns. @param logits - of the next mask, row-major */
  use(logits: Float32Array): void {
    this.#logits = logits;
    this.#held.fill(-1);
  }

  /**
   * Rows of the plane at image column `x`.
   * @param from - first row of the plane @param to - the row after the last
   * @returns by row; other rows are not true
   */
  at(x: number, from: number, to: number): Float32Array {
    const { first, second, weight } = this.#across.toImage;
    const [left, right] = [first[x]!, second[x]!];
    const a = this.#column(left);
    const b = this.#column(right);
    const w = weight[x]!;
    const mixed = this.#mixed;
    for (let y = from; y < to; y++) {
      const one = Number.isNaN(a[y]!) ? (a[y] = this.#value(left, y)) : a[y]!;
      const two = Number.isNaN(b[y]!) ? (b[y] = this.#value(right, y)) : b[y]!;
      mixed[y] = (1 - w) * one + w * two;
    }
    return mixed;
  }

  #column(x: number): Float32Array {
    const slot = (x & 1) as 0 | 1;
    if (this.#held[slot] !== x) {
      this.#columns[slot].fill(NaN);
      this.#held[slot] = x;
    }
    return this.#columns[slot];
  }

  #value(x: number, y: number): number {
    const across = this.#across.toPlane;
    const down = this.#down.toPlane;
    const v = across.weight[x]!;
    const [left, right] = [across.first[x]!, across.second[x]!];
    const [top, bottom] = [down.first[y]! * this.#width, down.second[y]! * this.#width];
    const logits = this.#logits;
    const w = down.weight[y]!;
    const upper = Math.fround((1 - v) * logits[top + left]! + v * logits[top + right]!);
    const lower = Math.fround((1 - v) * logits[bottom + left]! + v * logits[bottom + right]!);
    return Math.fround((1 - w) * upper + w * lower);
  }
}
