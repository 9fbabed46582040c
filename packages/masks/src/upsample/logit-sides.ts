import type { AxisBlocks } from './axis-blocks.js';

/** Every logit is not above the threshold. */
export const BELOW = 1;
/** Every logit is above the threshold. */
export const ABOVE = 2;
/** There are both, or an infinite one, whose product with 0 is no number. */
export const MIXED = 3;

/** The word of four bytes of one value. */
const FOUR = 0x01010101;

/**
 * On which side of a threshold a mask's logits lie, and so which pixels need no arithmetic: mixing cannot leave the range of
 * what is mixed, rounding included, so where all logits that a pixel depends on lie on one side, the pixel does.
 */
export class LogitSides {
  readonly #across: AxisBlocks;
  readonly #down: AxisBlocks;
  readonly #width: number;
  /** Words, so four rows, in a column. */
  readonly #stride: number;
  /** The side of each logit, columns first, in bytes and in words. */
  readonly #sides: Uint8Array;
  readonly #words: Uint32Array;
  /** The same of all that a block of columns depends on. */
  readonly #row: Uint8Array;
  readonly #rowWords: Uint32Array;
  /** Where each of {@link stretchesOf} ends: image rows. */
  readonly ends: Int32Array;
  /** `BELOW`, `ABOVE` or `MIXED` for each of {@link stretchesOf}. */
  readonly kinds: Uint8Array;
  #count = 0;

  /** @param width - logits in a row */
  constructor(across: AxisBlocks, down: AxisBlocks, width: number) {
    this.#across = across;
    this.#down = down;
    this.#width = width;
    this.#stride = Math.ceil(down.logits / 4);
    this.#words = new Uint32Array(across.logits * this.#stride);
    this.#sides = new Uint8Array(this.#words.buffer);
    this.#rowWords = new Uint32Array(this.#stride);
    this.#row = new Uint8Array(this.#rowWords.buffer);
    this.ends = new Int32Array(2 * down.logits + 1);
    this.kinds = new Uint8Array(2 * down.logits + 1);
  }

  /** @param logits - of one mask, row-major */
  take(logits: Float32Array, threshold: number): void {
    const sides = this.#sides;
    const [width, columns, rows] = [this.#width, this.#across.logits, this.#down.logits];
    const step = 4 * this.#stride;
    for (let y = 0; y < rows; y++) {
      for (let x = 0, from = y * width, to = y; x < columns; x++, from++, to += step) {
        const logit = logits[from]!;
        sides[to] = logit > threshold ? (logit < Infinity ? ABOVE : MIXED) : BELOW;
      }
    }
  }

  /** Cuts a block of image columns into stretches of rows of one kind: see `ends` and `kinds`. Gives their number. */
  stretchesOf(block: number): number {
    this.#count = 0;
    const all = this.#gather(this.#across.first[block]!, this.#across.last[block]!);
    const { length, logits } = this.#down;
    if (all !== MIXED) return this.#push(length, all);
    const [row, words] = [this.#row, this.#rowWords];
    let [start, kind] = [0, row[0]!];
    for (let y = 1; y < logits; y++) {
      if ((y & 3) === 0 && words[y >> 2] === kind * FOUR) y += 3;
      else if (row[y] !== kind) {
        this.#close(start, y - 1, kind);
        start = y;
        kind = row[y]!;
      }
    }
    this.#close(start, logits - 1, kind);
    return this.#push(length, MIXED);
  }

  /** Puts together the sides of some columns, by row; gives those of all rows together. */
  #gather(first: number, last: number): number {
    const [words, out, stride] = [this.#words, this.#rowWords, this.#stride];
    let all = 0;
    for (let x = first; x <= last; x++) {
      for (let i = 0, at = x * stride; i < stride; i++, at++) {
        const word = x === first ? words[at]! : out[i]! | words[at]!;
        out[i] = word;
        all |= word;
      }
    }
    return (all | (all >>> 8) | (all >>> 16) | (all >>> 24)) & MIXED;
  }

  /** Logits of one kind, in rows from one up to and including another, settle the image rows that depend on no others. */
  #close(from: number, to: number, kind: number): void {
    const { begin, end } = this.#down;
    if (kind === MIXED || begin[from]! >= end[to]!) return;
    this.#push(begin[from]!, MIXED);
    this.#push(end[to]!, kind);
  }

  #push(end: number, kind: number): number {
    if (end === (this.#count > 0 ? this.ends[this.#count - 1]! : 0)) return this.#count;
    this.ends[this.#count] = end;
    this.kinds[this.#count] = kind;
    return ++this.#count;
  }
}
