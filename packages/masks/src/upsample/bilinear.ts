import { MaskloomError } from '../errors/maskloom-error.js';

/** For each output position: the two neighbours it is mixed from, and the weight of the second. */
export interface AxisWeights {
  /** Index of the nearer neighbour on the low side. */
  readonly first: Int32Array;
  /** Index of the neighbour after it, or the last. */
  readonly second: Int32Array;
  /** 0..1; the first neighbour has 1 minus this. */
  readonly weight: Float32Array;
}

/**
 * Weights of PyTorch's `interpolate(mode="bilinear", align_corners=False)` along one axis:
 * `source = (i + 0.5) * from / to - 0.5`, not below 0, in single precision as there (at 4,000 pixels the rounding
 * is visible at a mask's edge).
 * @param from - source length
 * @param to - full target length
 * @param count - how many target positions are wanted, from the first (default all)
 */
export function bilinearWeights(from: number, to: number, count: number = to): AxisWeights {
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const weight = new Float32Array(count);
  const scale = Math.fround(from / to);
  for (let i = 0; i < count; i++) {
    const source =
      from === to ? i : Math.max(0, Math.fround(Math.fround(scale * Math.fround(i + 0.5)) - 0.5));
    const index = Math.min(Math.floor(source), from - 1);
    first[i] = index;
    second[i] = Math.min(index + 1, from - 1);
    weight[i] = Math.min(1, source - index);
  }
  return { first, second, weight };
}

/** A plane of numbers, row-major. */
export interface Plane {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Length width * height. */
  readonly values: Float32Array;
}

/**
 * Resizes one plane exactly as PyTorch's `F.interpolate(mode="bilinear", align_corners=False)` does (no antialias).
 * @param plane - row-major float32 values
 * @param size - width and height wanted, at least 1
 * @returns a new plane
 * @throws MaskloomError VALUE_INVALID on sizes that are not whole or do not fit the values
 */
export function resizeBilinear(
  plane: Plane,
  size: { readonly width: number; readonly height: number },
): Plane {
  const { width, height, values } = plane;
  const whole = [width, height, size.width, size.height].every(
    (length) => Number.isInteger(length) && length >= 1,
  );
  if (!whole || values.length !== width * height) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `Cannot resize ${values.length} values of ${width} x ${height} to ${size.width} x ${size.height}.`,
      {
        where: 'resizeBilinear',
      },
    );
  }
  const out = new Float32Array(size.width * size.height);
  let at = 0;
  for (const row of bilinearRows(plane, size)) {
    out.set(row, at);
    at += size.width;
  }
  return { width: size.width, height: size.height, values: out };
}

/**
 * The rows of {@link resizeBilinear}, one after the other.
 * @param plane - row-major float32 values, as long as they should be
 * @param size - width and height wanted, at least 1
 * @returns each row in turn, true until the next is asked for
 */
export function* bilinearRows(
  { width, height, values }: Plane,
  size: { readonly width: number; readonly height: number },
): Generator<Float32Array, void> {
  const across = bilinearWeights(width, size.width);
  const down = bilinearWeights(height, size.height);
  const out = new Float32Array(size.width);
  let upper: Float32Array = new Float32Array(size.width);
  let lower: Float32Array = new Float32Array(size.width);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < size.height; y++) {
    const first = down.first[y] ?? 0;
    const second = down.second[y] ?? 0;
    if (upperRow !== first) {
      if (lowerRow === first) [upper, lower, upperRow, lowerRow] = [lower, upper, lowerRow, upperRow];
      else mixAcross(values, first * width, across, upper);
      upperRow = first;
    }
    if (lowerRow !== second) {
      mixAcross(values, second * width, across, lower);
      lowerRow = second;
    }
    mixRows(upper, lower, down.weight[y] ?? 0, out);
    yield out;
  }
}

function mixAcross(values: Float32Array, offset: number, across: AxisWeights, out: Float32Array): void {
  for (let x = 0; x < out.length; x++) {
    const w = across.weight[x] ?? 0;
    const a = values[offset + (across.first[x] ?? 0)] ?? 0;
    const b = values[offset + (across.second[x] ?? 0)] ?? 0;
    out[x] = (1 - w) * a + w * b;
  }
}

function mixRows(upper: Float32Array, lower: Float32Array, w: number, out: Float32Array): void {
  for (let x = 0; x < out.length; x++) out[x] = (1 - w) * (upper[x] ?? 0) + w * (lower[x] ?? 0);
}
