import type { AxisWeights } from './bilinear.js';

/** A rectangle of a picture in pixels; the column `right` and the row `bottom` are not in it. */
export interface Rectangle {
  /** First column. */
  readonly left: number;
  /** First row. */
  readonly top: number;
  /** Column after the last. */
  readonly right: number;
  /** Row after the last. */
  readonly bottom: number;
}

/** Places from one up to, but not including, another. */
export interface Span {
  /** The first. */
  readonly from: number;
  /** The one after the last. */
  readonly to: number;
}

/** The places that those from one up to another are mixed of. */
export function sourcesOf({ first, second }: AxisWeights, { from, to }: Span): Span {
  return { from: first[from]!, to: second[to - 1]! + 1 };
}

/**
 * Resizes a part of a plane, with exactly the values that `resizeBilinear` has there.
 * @param values - rows of the source, row-major
 * @param at - where the source's row `rows.from` and column 0 would be in `values`; the columns that are not needed need not be there
 * @param stride - values from one row to the next
 * @param across - weights from left to right
 * @param down - weights from top to bottom
 * @param wanted - in the target
 * @param out - receives the part, row-major, from its start
 * @param scratch - at least as long as the source's rows that are needed times the part's width
 */
export function mixRectangle(
  values: Float32Array,
  at: number,
  stride: number,
  across: AxisWeights,
  down: AxisWeights,
  { left, top, right, bottom }: Rectangle,
  out: Float32Array,
  scratch: Float32Array,
): void {
  const rows = sourcesOf(down, { from: top, to: bottom });
  const width = right - left;
  let to = 0;
  for (let y = rows.from, row = at; y < rows.to; y++, row += stride) {
    for (let x = left; x < right; x++) {
      const w = across.weight[x]!;
      scratch[to++] = (1 - w) * values[row + across.first[x]!]! + w * values[row + across.second[x]!]!;
    }
  }
  to = 0;
  for (let y = top; y < bottom; y++) {
    const w = down.weight[y]!;
    const upper = (down.first[y]! - rows.from) * width;
    const lower = (down.second[y]! - rows.from) * width;
    for (let x = 0; x < width; x++) out[to++] = (1 - w) * scratch[upper + x]! + w * scratch[lower + x]!;
  }
}

/** Memory that is kept and grows: what is in it lasts until the next call. */
export class Scratch {
  #values = new Float32Array(0);

  /** At least so many values. */
  of(length: number): Float32Array {
    if (this.#values.length < length) this.#values = new Float32Array(2 * length);
    return this.#values;
  }
}
