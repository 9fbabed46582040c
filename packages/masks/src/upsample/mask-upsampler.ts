import { axisBlocks, type AxisBlocks } from './axis-blocks.js';
import { ABOVE, BELOW, LogitSides } from './logit-sides.js';
import { PlaneColumns } from './plane-columns.js';
import { RunBuilder } from './run-builder.js';

/** Columns and rows. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** The sizes on SAM's way from a mask's logits to the image. */
export interface UpsampleSizes {
  /** Of the logits, which the first resize brings to `input`. */
  readonly logits: Size;
  /** Of the model's input. */
  readonly input: Size;
  /** Of its top left part that shows the image, which the second resize brings to `original`. */
  readonly resized: Size;
  /** Of the image. */
  readonly original: Size;
}

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

  constructor({ logits, input, resized, original }: UpsampleSizes) {
    this.#across = axisBlocks(logits.width, input.width, resized.width, original.width);
    this.#down = axisBlocks(logits.height, input.height, resized.height, original.height);
    this.#plane = new PlaneColumns(this.#across, this.#down, logits.width, resized.height);
    this.#sides = new LogitSides(this.#across, this.#down, logits.width);
    this.#edges = new Int32Array(original.height + 1);
  }

  /**
   * @param logits - of one mask, row-major [height, width]
   * @param threshold - pixels whose logit is above it are set
   * @returns the runs, with the mask's area and box
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
