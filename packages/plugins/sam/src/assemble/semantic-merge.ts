import { resizeBilinear, type DecodedMasks, type Plane } from '@maskloom/core';

/** How proposals of one name become one channel. */
export interface MergeRule {
  /** The best proposal counts in each cell, or the sum of all of them as in Mask2Former. */
  readonly combine: 'max' | 'sum';
  /** Score below which a pixel has no label: the channel N + 1. */
  readonly least: number;
}

/** A label map over the image. */
export interface MergedLabels {
  /** Row-major, index of a name + 1, or 0 for none. */
  readonly labels: Uint16Array;
  /** Mean score of each name's pixels, 0..1; 0 for a name without any. */
  readonly scores: readonly number[];
}

/**
 * Merging into channels as Mask2Former does: proposals of one name make a channel, `score * sigmoid(logit)` in each cell
 * of the decoder's resolution; each channel is brought to image size as SAM brings logits there; every pixel gets the
 * highest channel, or none where that is below `least` (the channel N + 1). Of equal channels the first wins.
 * @param scores - one per mask, 0..1
 * @param channels - one per mask: index of its name
 * @param count - number of names
 */
export function mergeChannels(
  decoded: DecodedMasks,
  scores: readonly number[],
  channels: readonly number[],
  count: number,
  { combine, least }: MergeRule,
): MergedLabels {
  const { original } = decoded.transform;
  const pixels = original.width * original.height;
  const labels = new Uint16Array(pixels);
  const best = new Float32Array(pixels);
  // One channel at a time: memory does not grow with the number of names.
  for (let name = 0; name < count; name++) {
    const { values } = toImage(channelOf(decoded, scores, channels, name, combine), decoded);
    for (let p = 0; p < pixels; p++) {
      const value = values[p] ?? 0;
      if (value < least || value <= (best[p] ?? 0)) continue;
      best[p] = value;
      labels[p] = name + 1;
    }
  }
  return { labels, scores: meanScores(labels, best, count) };
}

function channelOf(
  { logits, width, height }: DecodedMasks,
  scores: readonly number[],
  channels: readonly number[],
  name: number,
  combine: MergeRule['combine'],
): Plane {
  const data = new Float32Array(width * height);
  channels.forEach((channel, n) => {
    if (channel !== name) return;
    const score = scores[n] ?? 0;
    for (let cell = 0; cell < data.length; cell++) {
      const value = score / (1 + Math.exp(-(logits[n * data.length + cell] ?? 0)));
      const before = data[cell] ?? 0;
      data[cell] = combine === 'sum' ? before + value : Math.max(before, value);
    }
  });
  return { values: data, width, height };
}

/** Low resolution to the model's input, cut to the resized image, to the original size. */
function toImage(plane: Plane, { transform }: DecodedMasks): Plane {
  const { input, resized, original } = transform;
  const whole = resizeBilinear(plane, input);
  const values = new Float32Array(resized.width * resized.height);
  for (let y = 0; y < resized.height; y++) {
    const from = y * whole.width;
    values.set(whole.values.subarray(from, from + resized.width), y * resized.width);
  }
  return resizeBilinear({ values, width: resized.width, height: resized.height }, original);
}

function meanScores(labels: Uint16Array, best: Float32Array, count: number): readonly number[] {
  const sums = Array.from({ length: count }, () => 0);
  const areas = Array.from({ length: count }, () => 0);
  labels.forEach((label, p) => {
    if (label === 0) return;
    sums[label - 1] = (sums[label - 1] ?? 0) + (best[p] ?? 0);
    areas[label - 1] = (areas[label - 1] ?? 0) + 1;
  });
  return sums.map((sum, name) => Math.min(1, sum / Math.max(1, areas[name] ?? 0)));
}
