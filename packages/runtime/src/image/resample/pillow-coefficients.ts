/** Resampling filters of Pillow that models are fed with. */
export type PillowFilter = 'bilinear' | 'bicubic';

/** For each output sample: which input samples it reads and with what fixed-point weights. */
export interface Coefficients {
  /** Most input samples that one output sample reads; the stride of `weights`. */
  readonly size: number;
  /** First input sample of each output sample. */
  readonly first: Int32Array;
  /** How many input samples each output sample reads. */
  readonly count: Int32Array;
  /** Weights scaled by 2^22, `size` per output sample. */
  readonly weights: Int32Array;
}

/** Fraction bits of a weight: 32 bits less 8 of a sample less 2 spare (Pillow, Resample.c, PRECISION_BITS). */
export const PRECISION_BITS = 32 - 8 - 2;

interface Filter {
  /** Half width, in input samples when enlarging. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const FILTERS: Readonly<Record<PillowFilter, Filter>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
};

/**
 * The weights of one axis as Pillow computes them (Pillow 10+, Resample.c: precompute_coeffs and
 * normalize_coeffs_8bpc): the filter is widened when shrinking (antialiasing), cut at the image's
 * edges, normalised in double precision, then rounded half away from zero.
 */
export function pillowCoefficients(inputSize: number, outputSize: number, name: PillowFilter): Coefficients {
  const filter = FILTERS[name];
  const scale = inputSize / outputSize;
  const widening = Math.max(scale, 1);
  const support = filter.support * widening;
  const size = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputSize);
  const count = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * size);
  const row = new Float64Array(size);
  for (let out = 0; out < outputSize; out++) {
    const centre = (out + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const to = Math.min(inputSize, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let i = from; i < to; i++) sum += row[i - from] = filter.weight((i - centre + 0.5) * (1 / widening));
    for (let i = 0; i < to - from; i++) {
      const weight = sum === 0 ? (row[i] as number) : (row[i] as number) / sum;
      weights[out * size + i] = Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * 2 ** PRECISION_BITS);
    }
    first[out] = from;
    count[out] = to - from;
  }
  return { size, first, count, weights };
}

/** Keys' cubic convolution kernel with a = -0.5, as in Pillow. */
function cubic(x: number): number {
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}
