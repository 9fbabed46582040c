import { MaskUpsampler, MaskloomError, type RleMask, rleOfRuns } from '@maskloom/masks';
import { atOnce, inSlices } from '../in-slices.js';
import type { DecodedMasks, MaskSet } from './mask-set.js';

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

/** What {@link resolveMasks} takes besides the logits. */
export interface ResolveOptions {
  /** Logit above which a pixel is set; 0 when absent. */
  readonly threshold?: number;
  /** How far above and below the threshold the masks' stability is measured, which is not when absent. */
  readonly stabilityOffset?: number;
}

/**
 * Turns decoded logits into masks at image size, as SAM's `postprocess_masks` does: bilinear to the model's input
 * size, cut to the resized image (the padding goes), bilinear to the original size, `logit > threshold`.
 * Both resizes are PyTorch's with `align_corners=False`.
 *
 * Writes runs directly, and computes only pixels near a mask's edge: besides the masks, memory is a few columns, whatever
 * the image's size and the number of masks.
 * @param decoded - N low-resolution logits
 * @throws MaskloomError VALUE_INVALID when sizes do not agree
 */
export function resolveMasks(decoded: DecodedMasks, options: ResolveOptions = {}): ResolvedMasks {
  return atOnce(resolveSteps(decoded, options));
}

/**
 * As {@link resolveMasks}; the event loop turns between the masks.
 * @param signal - gives up between two masks
 * @throws MaskloomError VALUE_INVALID, ABORTED
 */
export function resolveMasksInSlices(
  decoded: DecodedMasks,
  options: ResolveOptions = {},
  signal?: AbortSignal,
): Promise<ResolvedMasks> {
  return inSlices(resolveSteps(decoded, options), signal, 'masks at image size');
}

function* resolveSteps(
  decoded: DecodedMasks,
  { threshold = 0, stabilityOffset }: ResolveOptions,
): Generator<void, ResolvedMasks> {
  checkSizes(decoded);
  const { logits, count, width, height, transform } = decoded;
  const { original } = transform;
  const upsampler = new MaskUpsampler({ ...transform, logits: { width, height } });
  const masks: RleMask[] = [];
  const areas: number[] = [];
  const boxes: (readonly [number, number, number, number])[] = [];
  const stability: number[] = [];
  for (let n = 0; n < count; n++) {
    // Given up here, the upsampler goes to the garbage.
    if (n > 0) yield;
    const one = logits.subarray(n * width * height, (n + 1) * width * height);
    const runs = upsampler.runsAbove(one, threshold);
    masks.push(rleOfRuns({ width: original.width, height: original.height, counts: runs.counts }));
    areas.push(runs.area);
    boxes.push(runs.box);
    if (stabilityOffset === undefined) continue;
    const [above, wide] = [threshold + stabilityOffset, threshold - stabilityOffset].map(
      (cut) => upsampler.runsAbove(one, cut).area,
    ) as [number, number];
    stability.push(Math.fround(above / wide));
  }
  upsampler.release();
  const image = { width: original.width, height: original.height };
  return { image, masks, areas, boxes, ...(stabilityOffset === undefined ? {} : { stability }) };
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
