import { pillowCoefficients, type PillowFilter } from './pillow-coefficients.js';

/** Bits of a weight's low part. */
const LOW_BITS = 15;

/** Outputs along one axis that are wanted. */
export interface Stretch {
  /** Inputs. */
  readonly from: number;
  /** Outputs. */
  readonly to: number;
  /** First output wanted. */
  readonly start: number;
  /** Outputs wanted. */
  readonly length: number;
}

/** Weights of some outputs along one axis, as the kernel takes them: inputs in pairs. */
export interface AxisTable {
  /** First input of each output. */
  readonly first: Int32Array;
  /** Pairs of inputs of each output; of an odd number the last pair's second weighs 0. */
  readonly counts: Int32Array;
  /** Most pairs of one output. */
  readonly pairs: number;
  /** `pairs` times per output: the high parts of two weights, then the low ones (weight = high * 2^15 + low). */
  readonly weights: Int16Array;
}

/** Pillow's weights in the kernel's form. */
export function axisTable({ from, to, start, length }: Stretch, filter: PillowFilter): AxisTable {
  const all = pillowCoefficients(from, to, filter);
  const counts = all.count.slice(start, start + length).map((count) => (count + 1) >> 1);
  const pairs = counts.reduce((most, count) => Math.max(most, count), 0);
  const weights = new Int16Array(4 * pairs * length);
  for (let i = 0; i < length; i++) {
    const at = (start + i) * all.size;
    for (let k = 0; k < (all.count[start + i] as number); k++) {
      const weight = all.weights[at + k] as number;
      const to = 4 * (i * pairs + (k >> 1)) + (k & 1);
      weights[to] = weight >> LOW_BITS;
      weights[to + 2] = weight & ((1 << LOW_BITS) - 1);
    }
  }
  return { first: all.first.slice(start, start + length), counts, pairs, weights };
}
