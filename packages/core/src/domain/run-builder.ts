/** Collects column-major runs of a mask, with its area and tight box, one column at a time. */
export class RunBuilder {
  readonly #height: number;
  #counts: Uint32Array = new Uint32Array(256);
  #length = 0;
  #run = 0;
  #set = false;
  #area = 0;
  #left = -1;
  #right = -1;
  #top = Infinity;
  #bottom = -1;

  constructor(height: number) {
    this.#height = height;
  }

  /** Adds a column without set pixels. */
  addEmptyColumn(): void {
    this.#turn(false);
    this.#run += this.#height;
  }

  /**
   * Adds column `x`: of the rows `from` up to `to` those whose value exceeds the threshold are set.
   * @param values - by row; those of other rows do not count
   */
  addColumn(x: number, values: Float32Array, from: number, to: number, threshold: number): void {
    let start = 0;
    if (from > 0) {
      this.#turn(false);
      this.#run += from;
      start = from;
    }
    let set = this.#set;
    for (let y = from; y < to; y++) {
      if (values[y]! > threshold === set) continue;
      this.#run += y - start;
      if (set) this.#close(x, start, y);
      this.#turn(!set);
      set = !set;
      start = y;
    }
    if (set && to < this.#height) {
      this.#run += to - start;
      this.#close(x, start, to);
      this.#turn(false);
      set = false;
      start = to;
    }
    this.#run += this.#height - start;
    if (set) this.#close(x, start, this.#height);
  }

  /** Run lengths, zeros first. */
  counts(): Uint32Array {
    this.#push(this.#run);
    this.#run = 0;
    return this.#counts.slice(0, this.#length);
  }

  /** Pixels set. */
  get area(): number {
    return this.#area;
  }

  /** [x, y, width, height], tight; zeros for an empty mask. */
  get box(): readonly [number, number, number, number] {
    if (this.#left < 0) return [0, 0, 0, 0];
    return [this.#left, this.#top, this.#right - this.#left + 1, this.#bottom - this.#top];
  }

  #close(x: number, from: number, to: number): void {
    if (to === from) return;
    this.#area += to - from;
    if (this.#left < 0) this.#left = x;
    this.#right = x;
    if (from < this.#top) this.#top = from;
    if (to > this.#bottom) this.#bottom = to;
  }

  #turn(set: boolean): void {
    if (set === this.#set) return;
    this.#push(this.#run);
    this.#run = 0;
    this.#set = set;
  }

  #push(run: number): void {
    if (this.#length === this.#counts.length) {
      const grown = new Uint32Array(this.#counts.length * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[this.#length++] = run;
  }
}
