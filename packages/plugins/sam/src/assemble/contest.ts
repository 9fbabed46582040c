import type { Rectangle } from '@maskloom/core';
import type { ImageLogits } from './image-logits.js';

/** Masks that stand for one label at every pixel; of several the sum of their values counts. */
export interface Contender {
  /** 1..65,535. */
  readonly label: number;
  /** Places of its masks. */
  readonly masks: readonly number[];
}

/** What has won so far, over the image. */
export interface Winners {
  /** Pixels of a row. */
  readonly width: number;
  /** Row-major; 0 for none. */
  readonly labels: Uint16Array;
  /** The winner's value, row-major; 0 for none. */
  readonly best: Float32Array;
}

/** Far more than single precision rounds by: what is lower by this part is lower. */
const ROUNDING = 1e-6;

/** Which contender has the highest `score * sigmoid(logit)` at each pixel of a tile. */
export class Contest {
  readonly #logits: ImageLogits;
  readonly #scores: readonly number[];
  readonly #least: number;
  #tile = new Float32Array(0);
  #sum = new Float32Array(0);

  /**
   * @param scores - of each mask, 0..1
   * @param least - value below which nobody wins
   */
  constructor(logits: ImageLogits, scores: readonly number[], least: number) {
    this.#logits = logits;
    this.#scores = scores;
    this.#least = least;
  }

  /**
   * Fills in the winners of a tile where nobody has won yet; of equal values the lower label wins. Those who can be highest come
   * first, and once no one left can beat the lowest value of the tile it is over.
   */
  hold(tile: Rectangle, contenders: readonly Contender[], winners: Winners): void {
    const size = (tile.right - tile.left) * (tile.bottom - tile.top);
    if (this.#tile.length < size) [this.#tile, this.#sum] = [new Float32Array(size), new Float32Array(size)];
    const able = contenders
      .map((contender) => ({ contender, most: this.#most(contender, tile) }))
      .filter(({ most }) => most >= this.#least && most > 0)
      .sort((a, b) => b.most - a.most);
    let lowest = this.#least;
    for (const { contender, most } of able) {
      if (most < lowest) return;
      lowest = Math.max(this.#least, this.#meet(tile, contender, lowest, winners));
    }
  }

  /** No pixel of the tile has a higher value than this. */
  #most({ masks }: Contender, tile: Rectangle): number {
    let most = 0;
    for (const n of masks) {
      const high = this.#logits.highest(n, tile);
      most += this.#scores[n]! / (1 + Math.exp(-high - ROUNDING * Math.abs(high)));
    }
    return most * (1 + ROUNDING * masks.length);
  }

  /** Lets a contender take the pixels where it is higher. @returns the lowest winning value of the tile */
  #meet(tile: Rectangle, { label, masks }: Contender, lowest: number, winners: Winners): number {
    const [only] = masks;
    if (masks.length > 1 || only === undefined) {
      this.#add(tile, masks);
      return this.#compare(tile, label, -Infinity, 0, this.#sum, winners);
    }
    this.#logits.read(only, tile, this.#tile);
    const score = this.#scores[only]!;
    // The logit below which this mask's value is below the lowest of the tile: there nothing needs to be worked out.
    const cut = -Math.log(Math.max(0, score / (lowest * (1 - ROUNDING)) - 1));
    return this.#compare(tile, label, cut, score, this.#tile, winners);
  }

  /** The sum of the values of several masks, in their order and in single precision. */
  #add(tile: Rectangle, masks: readonly number[]): void {
    this.#sum.fill(0);
    for (const n of masks) {
      this.#logits.read(n, tile, this.#tile);
      const score = this.#scores[n]!;
      for (let p = 0; p < this.#sum.length; p++) this.#sum[p]! += score / (1 + Math.exp(-this.#tile[p]!));
    }
  }

  /**
   * @param cut - logits up to here cannot win
   * @param score - what the sigmoid of the given logits is multiplied with; 0 when `given` are values already
   */
  #compare(
    { left, top, right, bottom }: Rectangle,
    label: number,
    cut: number,
    score: number,
    given: Float32Array,
    { width, labels, best }: Winners,
  ): number {
    const least = this.#least;
    let low = Infinity;
    let at = 0;
    for (let y = top; y < bottom; y++) {
      for (let p = y * width + left, end = y * width + right; p < end; p++, at++) {
        const logit = given[at]!;
        const before = best[p]!;
        if (logit > cut) {
          const value = score === 0 ? logit : Math.fround(score / (1 + Math.exp(-logit)));
          if (value >= least && (value > before || (value === before && label < labels[p]!))) {
            best[p] = value;
            labels[p] = label;
          }
        }
        if (best[p]! < low) low = best[p]!;
      }
    }
    return low;
  }
}
