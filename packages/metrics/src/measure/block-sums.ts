import { kernelMaker } from '@maskloom/core';
import { BLOCK } from './estimator.js';
import { KERNEL } from './kernel-wasm.js';

/** What `assembly/sums.ts` exports; its comments say what each number is. */
interface Functions {
  sums(groups: number, digits: number, starts: number, pairs: number, weights: number, out: number): void;
}

/** Images that the kernel's 16-bit weights are enough for. */
export const MOST_IMAGES = 2 ** 15 - 1;

/**
 * Sums of `BLOCK` draws.
 * @param weights - [image, draw]; those of a draw sum to at most the number of images
 * @returns [group, draw]; void after the next call
 */
export type BlockSums = (weights: Int32Array) => Float64Array;

/** Values in groups. */
export interface GroupedValues {
  /** The value at which each group begins, and where the last one ends. */
  readonly starts: Int32Array;
  /** The image of each value. */
  readonly imageOf: Int32Array;
  /** Whole numbers >= 0. */
  readonly values: Float64Array;
  /** How many, at most {@link MOST_IMAGES}. */
  readonly images: number;
}

const make = kernelMaker<Functions>(KERNEL);
const DIGIT = 2 ** 15;

/** Lays values into the memory of a kernel, which sums them: [sums, starts, weights, pairs]. */
export function blockSums(grouped: GroupedValues): BlockSums {
  const { values, images } = grouped;
  let digits = 1;
  for (let i = 0; i < values.length; i++) while (values[i]! >= DIGIT ** digits) digits++;
  const groups = grouped.starts.length - 1;
  const startsAt = 8 * BLOCK * groups;
  const weightsAt = startsAt + 4 * (groups * digits + 1);
  const pairsAt = weightsAt + 2 * BLOCK * images;
  const kernel = make();
  // A digit takes four bytes, and every list may end with half a pair.
  const memory = kernel.memory(pairsAt + 4 * digits * (values.length + groups));
  writePairs(grouped, digits, new Uint32Array(memory, startsAt), new Uint16Array(memory, pairsAt));
  const kept = new Int16Array(memory, weightsAt, BLOCK * images);
  const sums = new Float64Array(memory, 0, BLOCK * groups);
  return (weights) => {
    kept.set(weights);
    kernel.call.sums(groups, digits, startsAt, pairsAt, weightsAt, 0);
    return sums;
  };
}

/** Writes values as the kernel reads them: each group's digits of 15 bits, the lowest first, two images at a time. */
function writePairs(
  { starts: groupStarts, imageOf, values }: GroupedValues,
  digits: number,
  starts: Uint32Array,
  pairs: Uint16Array,
): void {
  let pair = 0;
  for (let group = 0, list = 0; group + 1 < groupStarts.length; group++) {
    const end = groupStarts[group + 1]!;
    for (let digit = 0; digit < digits; digit++) {
      const worth = DIGIT ** digit;
      let second = 0;
      for (let at = groupStarts[group]!; at < end; at++) {
        const value = Math.floor(values[at]! / worth) % DIGIT;
        if (value === 0) continue;
        pairs[4 * pair + second] = imageOf[at]!;
        pairs[4 * pair + 2 + second] = value;
        pair += second;
        second = 1 - second;
      }
      // The memory was 0: the other half of a last pair is 0 of image 0.
      pair += second;
      starts[++list] = pair;
    }
  }
}
