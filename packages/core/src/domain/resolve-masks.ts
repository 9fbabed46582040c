import { MaskloomError, type RleMask, rleOfRuns } from '@maskloom/masks';
import { bilinearWeights, type AxisWeights } from './bilinear.js';
import type { DecodedMasks, MaskSet } from './mask-set.js';
import { RunBuilder } from './run-builder.js';

/** Masks at image size, with what a segment needs to know about each. */
export interface ResolvedMasks extends MaskSet {
  /** Pixels set in each mask. */
  readonly areas: readonly number[];
  /** [x, y, width, height] of each mask in ImagePx, tight; zeros for an empty mask. */
  readonly boxes: readonly (readonly [number, number, number, number])[];
  /**
   * Where asked for: pixels above `threshold + offset` by those above `threshold - offset`, of each mask; 0..1, NaN where
   * no pixel is above the lower one (SAM's stability score).
   */
  readonly stability?: readonly number[];
}

/**
 * Turns decoded logits into masks at image size, as SAM's `postprocess_masks` does: bilinear to the model's input
 * size, cut to the resized image (the padding goes), bilinear to the original size, `logit > threshold`.
 * Both resizes are PyTorch's with `align_corners=False`.
 *
 * Works a column at a time, within what can be set, and writes runs directly: besides the masks, memory is one plane of the
 * resized image and one column, whatever the image's size and the number of masks.
 * @param decoded - N low-resolution logits
 * @param options - `threshold`: logit above which a pixel is set (default 0); `stabilityOffset`: how far above and below it
 * the masks' stability is measured, which is not when absent
 * @throws MaskloomError VALUE_INVALID when sizes do not agree
 */
export function resolveMasks(
  decoded: DecodedMasks,
  options: { readonly threshold?: number; readonly stabilityOffset?: number } = {},
): ResolvedMasks {
  const { threshold = 0, stabilityOffset } = options;
  const cuts =
    stabilityOffset === undefined ? [] : [threshold - stabilityOffset, threshold + stabilityOffset];
  const lowest = Math.min(threshold, ...cuts);
  const { logits, count, width, height, transform } = decoded;
  const { original, resized, input } = transform;
  checkSizes(decoded);
  const toPlane = {
    across: bilinearWeights(width, input.width, resized.width),
    down: bilinearWeights(height, input.height, resized.height),
  };
  const toImage = {
    across: bilinearWeights(resized.width, original.width),
    down: bilinearWeights(resized.height, original.height),
  };
  const low = new Float32Array(width * height);
  const lowColumn = new Float32Array(height);
  const plane = new Float32Array(resized.width * resized.height);
  const planeColumn = new Float32Array(resized.height);
  const masks: RleMask[] = [];
  const areas: number[] = [];
  const boxes: (readonly [number, number, number, number])[] = [];
  const stability: number[] = [];
  const column = new Float32Array(original.height);
  for (let n = 0; n < count; n++) {
    transpose(logits.subarray(n * width * height, (n + 1) * width * height), width, height, low);
    const runs = new RunBuilder(original.height);
    // Mixing weights are not negative: what lies away from every logit above the cut-offs cannot be above them.
    const part = partAbove(low, width, height, lowest - ROUNDING);
    const inPlane = { across: mixedOf(toPlane.across, part.across), down: mixedOf(toPlane.down, part.down) };
    const inImage = {
      across: mixedOf(toImage.across, inPlane.across),
      down: mixedOf(toImage.down, inPlane.down),
    };
    const across = sourcesOf(toImage.across, inImage.across);
    const down = sourcesOf(toImage.down, inImage.down);
    for (let x = across.from; x < across.to; x++) {
      mixColumns(low, height, toPlane.across, x, lowColumn, { from: 0, to: height });
      stretch(lowColumn, toPlane.down, plane, x * resized.height, down);
    }
    let [above, wide] = [0, 0];
    for (let x = 0; x < original.width; x++) {
      const highest =
        x < inImage.across.from || x >= inImage.across.to
          ? -Infinity
          : mixColumns(plane, resized.height, toImage.across, x, planeColumn, down);
      // A column without a logit near the lowest cut-off has no pixel above any.
      if (highest <= lowest - ROUNDING) {
        runs.addEmptyColumn();
        continue;
      }
      const { from, to } = inImage.down;
      stretch(planeColumn, toImage.down, column, 0, inImage.down);
      runs.addColumn(x, column, from, to, threshold);
      if (cuts.length === 0) continue;
      wide += countAbove(column, from, to, cuts[0]!);
      above += countAbove(column, from, to, cuts[1]!);
    }
    if (cuts.length > 0) stability.push(Math.fround(above / wide));
    masks.push(rleOfRuns({ width: original.width, height: original.height, counts: runs.counts() }));
    areas.push(runs.area);
    boxes.push(runs.box);
  }
  const image = { width: original.width, height: original.height };
  return { image, masks, areas, boxes, ...(cuts.length > 0 ? { stability } : {}) };
}

/** Mixing two values can lift them over a cut-off other than 0 by a rounding error, far below this. */
const ROUNDING = 1e-3;

/** Places from one up to, but not including, another. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The columns and rows of a column-major plane that have a value above a cut-off. */
function partAbove(plane: Float32Array, width: number, height: number, cut: number) {
  const [across, down] = [
    { from: width, to: 0 },
    { from: height, to: 0 },
  ];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (!(plane[x * height + y]! > cut)) continue;
      across.from = Math.min(across.from, x);
      across.to = x + 1;
      down.from = Math.min(down.from, y);
      down.to = Math.max(down.to, y + 1);
    }
  }
  return { across, down };
}

/** Places that are mixed of some of the given ones. */
function mixedOf({ first, second, weight }: AxisWeights, { from, to }: Range): Range {
  const [start, end] = [
    weight.findIndex((_, i) => second[i]! >= from),
    weight.findLastIndex((_, i) => first[i]! < to),
  ];
  return from >= to || start < 0 || end < start ? { from: 0, to: 0 } : { from: start, to: end + 1 };
}

/** The places that the given ones are mixed of. */
function sourcesOf({ first, second }: AxisWeights, { from, to }: Range): Range {
  return from >= to ? { from: 0, to: 0 } : { from: first[from]!, to: second[to - 1]! + 1 };
}

/** Pixels of a column that are above a cut-off. */
function countAbove(column: Float32Array, from: number, to: number, cut: number): number {
  let count = 0;
  for (let y = from; y < to; y++) if (column[y]! > cut) count++;
  return count;
}

/** Mixes two columns of a column-major plane into `out`, in the rows given; gives the highest value. */
function mixColumns(
  plane: Float32Array,
  height: number,
  across: AxisWeights,
  x: number,
  out: Float32Array,
  { from, to }: Range,
): number {
  const first = across.first[x]! * height;
  const second = across.second[x]! * height;
  const w = across.weight[x]!;
  let highest = -Infinity;
  for (let y = from; y < to; y++) {
    const value = (1 - w) * plane[first + y]! + w * plane[second + y]!;
    out[y] = value;
    if (value > highest) highest = value;
  }
  return highest;
}

/** Mixes a column's values down into the rows given of another. */
function stretch(
  column: Float32Array,
  { first, second, weight }: AxisWeights,
  out: Float32Array,
  offset: number,
  { from, to }: Range,
): void {
  for (let y = from; y < to; y++) {
    const w = weight[y]!;
    out[offset + y] = (1 - w) * column[first[y]!]! + w * column[second[y]!]!;
  }
}

function transpose(rows: Float32Array, width: number, height: number, out: Float32Array): void {
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = rows[y * width + x]!;
}

function checkSizes({ logits, count, width, height, quality, transform }: DecodedMasks): void {
  const { original, resized, input, offsetX, offsetY } = transform;
  const lengths = [
    width,
    height,
    original.width,
    original.height,
    resized.width,
    resized.height,
    input.width,
    input.height,
  ];
  const wrong = !lengths.every((length) => Number.isInteger(length) && length >= 1)
    ? 'every width and height must be a whole number of at least 1'
    : logits.length !== count * width * height
      ? `${logits.length} logits are not ${count} masks of ${width} x ${height}`
      : quality.length !== count
        ? `${quality.length} qualities are not one for each of ${count} masks`
        : resized.width > input.width || resized.height > input.height || offsetX !== 0 || offsetY !== 0
          ? 'the resized image must lie in the top left of the input, as SAM pads right and bottom'
          : undefined;
  if (wrong === undefined) return;
  throw new MaskloomError('VALUE_INVALID', `Decoded masks do not fit together: ${wrong}.`, {
    where: 'resolveMasks',
  });
}
