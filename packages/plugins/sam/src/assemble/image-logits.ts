import {
  bilinearWeights,
  mixRectangle,
  Scratch,
  sourcesOf,
  type AxisWeights,
  type DecodedMasks,
  type Rectangle,
  type Span,
} from '@maskloom/core';

/** Two resizes after each other along one axis: decoder to model input, and from there to the image. */
interface Axis {
  readonly toInput: AxisWeights;
  readonly toImage: AxisWeights;
}

/**
 * The logits of decoded masks at image size, as SAM brings them there: bilinear to the model's input, cut to the resized image,
 * bilinear to the image's size. One rectangle of one mask at a time: what nobody asks for is not worked out, and nothing of
 * the image's size is held.
 */
export class ImageLogits {
  readonly #decoded: DecodedMasks;
  readonly #across: Axis;
  readonly #down: Axis;
  readonly #plane = new Scratch();
  readonly #rows = new Scratch();

  constructor(decoded: DecodedMasks) {
    const { width, height, transform } = decoded;
    const { input, resized, original } = transform;
    this.#decoded = decoded;
    this.#across = axisOf(width, input.width, resized.width, original.width);
    this.#down = axisOf(height, input.height, resized.height, original.height);
  }

  /** The highest logit that any pixel of a rectangle can have, but for rounding: that of the cells it is mixed of. */
  highest(n: number, at: Rectangle): number {
    const { logits, width, height } = this.#decoded;
    const columns = cellsOf(this.#across, { from: at.left, to: at.right });
    const rows = cellsOf(this.#down, { from: at.top, to: at.bottom });
    let high = -Infinity;
    for (let y = rows.from; y < rows.to; y++) {
      const row = (n * height + y) * width;
      for (let cell = row + columns.from; cell < row + columns.to; cell++) {
        const value = logits[cell]!;
        if (value > high) high = value;
      }
    }
    return high;
  }

  /** Writes the logits of a rectangle of mask `n`, row-major, from the start of `out`. */
  read(n: number, at: Rectangle, out: Float32Array): void {
    const { logits, width, height } = this.#decoded;
    const [across, down] = [this.#across, this.#down];
    const columns = sourcesOf(across.toImage, { from: at.left, to: at.right });
    const rows = sourcesOf(down.toImage, { from: at.top, to: at.bottom });
    const cells = sourcesOf(down.toInput, rows);
    const span = columns.to - columns.from;
    const inPlane = { left: columns.from, right: columns.to, top: rows.from, bottom: rows.to };
    const plane = this.#plane.of((rows.to - rows.from) * span);
    const scratch = this.#rows.of(
      Math.max((cells.to - cells.from) * span, (rows.to - rows.from) * (at.right - at.left)),
    );
    const first = (n * height + cells.from) * width;
    mixRectangle(logits, first, width, across.toInput, down.toInput, inPlane, plane, scratch);
    mixRectangle(plane, -columns.from, span, across.toImage, down.toImage, at, out, scratch);
  }
}

function axisOf(cells: number, input: number, resized: number, original: number): Axis {
  return { toInput: bilinearWeights(cells, input, resized), toImage: bilinearWeights(resized, original) };
}

/** The decoder's cells that pixels of the image are mixed of. */
function cellsOf({ toInput, toImage }: Axis, pixels: Span): Span {
  return sourcesOf(toInput, sourcesOf(toImage, pixels));
}
