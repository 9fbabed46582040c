import type { MaskRuns } from '@maskloom/core';

/** Run lengths of the values of a label map that comes in bands of columns, from the left. */
export class LabelRuns {
  readonly #width: number;
  readonly #height: number;
  /** By value: run lengths, zeros first, up to where its last set pixel ends, column by column. */
  readonly #values = new Map<number, { readonly counts: number[]; end: number }>();
  /** Columns that came, in pixels. */
  #at = 0;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  /** @param band - runs of each value in the next columns */
  add(band: ReadonlyMap<number, MaskRuns>): void {
    let wide = 0;
    for (const [value, runs] of band) {
      wide = runs.width;
      let own = this.#values.get(value);
      if (own === undefined) this.#values.set(value, (own = { counts: [], end: 0 }));
      this.#append(own, runs.counts);
    }
    this.#at += wide * this.#height;
  }

  /** The runs of a value over the whole picture. */
  of(value: number): MaskRuns {
    const { counts, end } = this.#values.get(value) ?? { counts: [], end: 0 };
    const total = this.#width * this.#height;
    const all = end < total ? [...counts, total - end] : counts;
    return { width: this.#width, height: this.#height, counts: Uint32Array.from(all) };
  }

  #append(own: { readonly counts: number[]; end: number }, counts: Uint32Array): void {
    let from = this.#at;
    for (let i = 0; i + 1 < counts.length; i += 2) {
      from += counts[i]!;
      const to = from + counts[i + 1]!;
      // A run may go on from the band before.
      if (from === own.end && own.counts.length > 0) own.counts[own.counts.length - 1]! += to - from;
      else own.counts.push(from - own.end, to - from);
      own.end = from = to;
    }
  }
}
