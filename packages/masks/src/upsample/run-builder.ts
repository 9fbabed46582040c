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

  /** Adds columns without set pixels. */
  addEmptyColumns(count: number): void {
    this.#add(false, this.#height * count);
  }

  /**
   * Adds column `x`.
   * @param edges - where set pixels begin and end, in turns: rows, ascending, no two alike
   * @param count - how many edges there are, an even number
   */
  addColumn(x: number, edges: Int32Array, count: number): void {
    let at = 0;
    for (let i = 0; i < count; i += 2) {
      const [from, to] = [edges[i]!, edges[i + 1]!];
      this.#add(false, from - at);
      this.#add(true, to - from);
      this.#area += to - from;
      at = to;
    }
    this.#add(false, this.#height - at);
    if (count === 0) return;
    if (this.#left < 0) this.#left = x;
    this.#right = x;
    this.#top = Math.min(this.#top, edges[0]!);
    this.#bottom = Math.max(this.#bottom, at);
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

  #add(set: boolean, pixels: number): void {
    if (pixels === 0) return;
    if (set !== this.#set) {
      this.#push(this.#run);
      this.#run = 0;
      this.#set = set;
    }
    this.#run += pixels;
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
