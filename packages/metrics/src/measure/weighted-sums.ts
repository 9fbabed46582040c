import { blockSums, MOST_IMAGES, type BlockSums } from './block-sums.js';

/** Tells what an image has: any whole numbers >= 0 of any groups. */
export type ValuesOf = (image: number, add: (group: number, value: number) => void) => void;

/** Sums of what images have, group by group, each as often as its image counts. They are exact up to 2 ** 53. */
export class WeightedSums {
  /** Those of several draws at once, the same to the bit; of very many images there is no such way. */
  readonly ofBlock: BlockSums | undefined;
  /** The value at which each group begins, and where the last one ends. */
  readonly #starts: Int32Array;
  /** The image of each value. */
  readonly #images: Int32Array;
  /** Groups one after the other, each in the order of images. */
  readonly #values: Float64Array;

  /** @param valuesOf - is asked twice about each image, and answers the same */
  constructor(groups: number, images: number, valuesOf: ValuesOf) {
    const starts = new Int32Array(groups + 1);
    for (let image = 0; image < images; image++) valuesOf(image, (group) => starts[group + 1]!++);
    for (let group = 0; group < groups; group++) starts[group + 1]! += starts[group]!;
    const [imageOf, values] = [new Int32Array(starts[groups]!), new Float64Array(starts[groups]!)];
    const next = starts.slice();
    let image = 0;
    const place = (group: number, value: number): void => {
      const at = next[group]!++;
      imageOf[at] = image;
      values[at] = value;
    };
    for (; image < images; image++) valuesOf(image, place);
    this.#starts = starts;
    this.#images = imageOf;
    this.#values = values;
    if (images > MOST_IMAGES) return;
    let block: BlockSums | undefined;
    this.ofBlock = (weights) => (block ??= blockSums({ starts, imageOf, values, images }))(weights);
  }

  /**
   * @param weights - how often each image counts
   * @returns one sum per group
   */
  of(weights: Float64Array): Float64Array {
    const sums = new Float64Array(this.#starts.length - 1);
    for (let group = 0, at = 0; group < sums.length; group++) {
      let sum = 0;
      for (const end = this.#starts[group + 1]!; at < end; at++) {
        sum += weights[this.#images[at]!]! * this.#values[at]!;
      }
      sums[group] = sum;
    }
    return sums;
  }
}
