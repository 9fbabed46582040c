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
 * Works a column at a time and writes runs directly: besides the masks, memory is one plane of the resized
 * image and one column, whatever the image's size and the number of masks.
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
  for (let n = 0; n < count; n++) {
    transpose(logits.subarray(n * width * height, (n + 1) * width * height), width, height, low);
    for (let x = 0; x < resized.width; x++) {
      mixColumns(low, height, toPlane.across, x, lowColumn);
      stretch(lowColumn, toPlane.down, plane, x * resized.height);
    }
    const runs = new RunBuilder(original.height);
    let [above, wide] = [0, 0];
    for (let x = 0; x < original.width; x++) {
      const highest = mixColumns(plane, resized.height, toImage.across, x, planeColumn);
      // Mixing weights are not negative, so a column without a positive logit stays without one. (For another
      // threshold than 0 rounding could lift a value over it, so the column is worked out.)
      if (threshold === 0 && highest <= 0) runs.addEmptyColumn();
      else runs.addColumn(x, planeColumn, toImage.down, threshold);
      if (cuts.length > 0 && highest > lowest - ROUNDING) {
        wide += countAbove(planeColumn, toImage.down, cuts[0]!);
        above += countAbove(planeColumn, toImage.down, cuts[1]!);
      }
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

/** Pixels of a column that are above a cut-off. */
function countAbove(column: Float32Array, { first, second, weight }: AxisWeights, cut: number): number {
  let count = 0;
  for (let y = 0; y < weight.length; y++) {
    const w = weight[y]!;
    if (Math.fround((1 - w) * column[first[y]!]! + w * column[second[y]!]!) > cut) count++;
  }
  return count;
}

/** Mixes two columns of a column-major plane into `out`; gives the highest value. */
function mixColumns(
  plane: Float32Array,
  height: number,
  across: AxisWeights,
  x: number,
  out: Float32Array,
): number {
  const first = across.first[x]! * height;
  const second = across.second[x]! * height;
  const w = across.weight[x]!;
  let highest = -Infinity;
  for (let y = 0; y < height; y++) {
    const value = (1 - w) * plane[first + y]! + w * plane[second + y]!;
    out[y] = value;
    if (value > highest) highest = value;
  }
  return highest;
}

function stretch(column: Float32Array, down: AxisWeights, out: Float32Array, offset: number): void {
  const { first, second, weight } = down;
  for (let y = 0; y < weight.length; y++) {
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
