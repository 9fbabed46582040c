import { resizeBilinear, type DecodedMasks, type Plane } from '@maskloom/core';

/** How masks of one name become one channel. */
export interface MergeRule {
  /** The best mask counts at each pixel, or the sum of all of them. */
  readonly combine: 'max' | 'sum';
  /** Value below which a pixel has no name: the channel N + 1. */
  readonly least: number;
}

/** A label map over the image. */
export interface MergedLabels {
  /** Row-major, index of a name + 1, or 0 for none. */
  readonly labels: Uint16Array;
  /** Mean value of each name's pixels, 0..1; 0 for a name without any. */
  readonly scores: readonly number[];
}

/**
 * Merging into channels after Mask2Former: masks of one name make a channel of `score * sigmoid(logit)`, with the logits
 * at image size; every pixel gets the highest channel, or none where that is below `least` (the channel N + 1). Of
 * equal channels the first wins. One mask and one channel are held at a time, whatever their number.
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
  const channel = new Float32Array(pixels);
  for (let name = 0; name < count; name++) {
    channel.fill(0);
    channels.forEach((of, n) => {
      if (of === name) addMask(channel, logitsAtImageSize(decoded, n), scores[n] ?? 0, combine);
    });
    for (let p = 0; p < pixels; p++) {
      const value = channel[p] ?? 0;
      if (value < least || value <= (best[p] ?? 0)) continue;
      best[p] = value;
      labels[p] = name + 1;
    }
  }
  return { labels, scores: meanScores(labels, best, count) };
}

function addMask(
  channel: Float32Array,
  logits: Float32Array,
  score: number,
  combine: MergeRule['combine'],
): void {
  for (let p = 0; p < channel.length; p++) {
    const value = score / (1 + Math.exp(-(logits[p] ?? 0)));
    const before = channel[p] ?? 0;
    channel[p] = combine === 'sum' ? before + value : Math.max(before, value);
  }
}

/** One mask's logits as SAM brings them to the image: to the model's input, cut to the resized image, to its size. */
function logitsAtImageSize({ logits, width, height, transform }: DecodedMasks, n: number): Float32Array {
  const { input, resized, original } = transform;
  const values = logits.subarray(n * width * height, (n + 1) * width * height);
  const whole = resizeBilinear({ values, width, height }, input);
  return resizeBilinear(cut(whole, resized), original).values;
}

function cut(plane: Plane, { width, height }: Pick<Plane, 'width' | 'height'>): Plane {
  if (width === plane.width && height === plane.height) return plane;
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    values.set(plane.values.subarray(y * plane.width, y * plane.width + width), y * width);
  return { values, width, height };
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
