import { bilinearWeights, type AxisWeights } from './bilinear.js';

/**
 * One axis of SAM's way from a mask's logits to the image: to the model's input (the plane, cut to the resized image), then
 * to the image; and which of the image's positions depend on which logits.
 */
export interface AxisBlocks {
  /** From the logits to the plane. */
  readonly toPlane: AxisWeights;
  /** From the plane to the image. */
  readonly toImage: AxisWeights;
  /** Positions of the image. */
  readonly length: number;
  /** How many logits count, from the first: those that a position of the image depends on. */
  readonly logits: number;
  /** Blocks of positions that depend on the same logits: where each begins. */
  readonly starts: Int32Array;
  /** The first logit that the positions of each block are mixed of. */
  readonly first: Int32Array;
  /** The last one. */
  readonly last: Int32Array;
  /** By logit: positions from here on depend on none before it. */
  readonly begin: Int32Array;
  /** By logit: positions before this one depend on none after it. */
  readonly end: Int32Array;
}

/**
 * @param from - logits along the axis
 * @param input - positions of the model's input
 * @param resized - those of them that show the image
 * @param original - positions of the image
 */
export function axisBlocks(from: number, input: number, resized: number, original: number): AxisBlocks {
  const toPlane = bilinearWeights(from, input, resized);
  const toImage = bilinearWeights(resized, original);
  const [starts, first, last]: [number[], number[], number[]] = [[], [], []];
  const begin = new Int32Array(from).fill(original);
  const end = new Int32Array(from);
  for (let i = 0; i < original; i++) {
    const [low, high] = [toPlane.first[toImage.first[i]!]!, toPlane.second[toImage.second[i]!]!];
    if (i > 0 && low === first.at(-1) && high === last.at(-1)) continue;
    for (let j = (first.at(-1) ?? -1) + 1; j <= low; j++) begin[j] = i;
    for (let j = last.at(-1) ?? 0; j < high; j++) end[j] = i;
    starts.push(i);
    first.push(low);
    last.push(high);
  }
  const logits = last.at(-1)! + 1;
  end.fill(original, logits - 1);
  const [ofStarts, ofFirst, ofLast] = [starts, first, last].map((list) => Int32Array.from(list)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  return {
    toPlane,
    toImage,
    length: original,
    logits,
    starts: ofStarts,
    first: ofFirst,
    last: ofLast,
    begin,
    end,
  };
}
