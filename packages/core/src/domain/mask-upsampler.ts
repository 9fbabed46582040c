import { axisBlocks, type AxisBlocks } from './axis-blocks.js';
import type { ImageTransform, Size } from './frames.js';
import { ABOVE, BELOW, LogitSides } from './logit-sides.js';
import { PlaneColumns } from './plane-columns.js';
import { RunBuilder } from './run-builder.js';

/**
 * Brings masks' logits to the image and cuts them at a threshold, giving run lengths. Only pixels along a mask's edge are
 * computed, and to the bit what plain resizing computes; the sides of the logits settle the others.
 */
export class MaskUpsampler {
  readonly #across: AxisBlocks;
  readonly #down: AxisBlocks;
  readonly #plane: PlaneColumns;
  readonly #sides: LogitSides;
  /** Where the set pixels of one column begin and end, in turns. */
  readonly #edges: Int32Array;
  #edgeCount = 0;

  /** @param size - of a mask's logits */
  constructor(size: Size, { original, resized, input }: ImageTransform<'SamPx'>) {
    this.#across = axisBlocks(size.width, input.width, resized.width, original.width);
    this.#down = axisBlocks(size.height, input.height, resized.height, original.height);
    this.#plane = new PlaneColumns(this.#across, this.#down, size.width, resized.height);
    this.#sides = new LogitSides(this.#across, this.#down, size.width);
    this.#edges = new Int32Array(original.height + 1);
  }

  /**
   * @param logits - of one mask, row-major
   * @param threshold - pixels above it are set
   */
  runsAbove(logits: Float32Array, threshold: number): RunBuilder {
    const { starts, length } = this.#across;
    const runs = new RunBuilder(this.#down.length);
    this.#plane.use(logits);
    this.#sides.take(logits, threshold);
    for (let block = 0; block < starts.length; block++) {
      const [from, to] = [starts[block]!, starts[block + 1] ?? length];
      const stretches = this.#sides.stretchesOf(block);
      if (stretches === 1 && this.#sides.kinds[0] === BELOW) {
        runs.addEmptyColumns(to - from);
        continue;
      }
      for (let x = from; x < to; x++) {
        this.#takeColumn(x, stretches, threshold);
        runs.addColumn(x, this.#edges, this.#edgeCount);
      }
    }
    return runs;
  }

  /** Finds the edges of one column. */
  #takeColumn(x: number, stretches: number, threshold: number): void {
    const { ends, kinds } = this.#sides;
    this.#edgeCount = 0;
    let from = 0;
    for (let i = 0; i < stretches; i++) {
      const [to, kind] = [ends[i]!, kinds[i]!];
      if (kind === ABOVE || kind === BELOW) this.#turn(from, kind === ABOVE);
      else this.#cross(x, from, to, threshold);
      from = to;
    }
    this.#turn(from, false);
  }

  /** Compares the rows that lie along an edge, one by one. */
  #cross(x: number, from: number, to: number, threshold: number): void {
    const { first, second, weight } = this.#down.toImage;
    const plane = this.#plane.at(x, first[from]!, second[to - 1]! + 1);
    let set = (this.#edgeCount & 1) === 1;
    for (let y = from; y < to; y++) {
      const w = weight[y]!;
      const above = Math.fround((1 - w) * plane[first[y]!]! + w * plane[second[y]!]!) > threshold;
      if (above === set) continue;
      set = above;
      this.#edges[this.#edgeCount++] = y;
    }
  }

  /** From row `y` on pixels are set or not. */
  #turn(y: number, set: boolean): void {
    if (((this.#edgeCount & 1) === 1) !== set) this.#edges[this.#edgeCount++] = y;
  }
}
