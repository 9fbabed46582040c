import { inSlices, type DecodedMasks, type Rectangle } from '@maskloom/core';
import { Contest, type Contender } from './contest.js';
import { ImageLogits } from './image-logits.js';

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

/** Cells of the decoder along each side of a tile. */
const TILE_CELLS = 4;
/** Pixels that a tile has at least along each side. */
const TILE_PIXELS = 8;

/**
 * Merging into channels after Mask2Former: masks of one name make a channel of `score * sigmoid(logit)`, with the logits
 * at image size; every pixel gets the highest channel, or none where that is below `least` (the channel N + 1). Of
 * equal channels the first wins.
 *
 * Works a tile of the image at a time, the channels that can be highest there first: those that cannot beat the lowest value of
 * the tile are never brought to image size. Others get the thread every few milliseconds.
 * @param scores - one per mask, 0..1
 * @param channels - one per mask: index of its name
 * @param count - number of names, at most 65,535
 * @throws MaskloomError ABORTED
 */
export function mergeChannels(
  decoded: DecodedMasks,
  scores: readonly number[],
  channels: readonly number[],
  count: number,
  rule: MergeRule,
  signal?: AbortSignal,
): Promise<MergedLabels> {
  return inSlices(mergeSteps(decoded, scores, channels, count, rule), signal, 'merging masks');
}

function* mergeSteps(
  decoded: DecodedMasks,
  scores: readonly number[],
  channels: readonly number[],
  count: number,
  { combine, least }: MergeRule,
): Generator<void, MergedLabels> {
  const { width, height } = decoded.transform.original;
  const labels = new Uint16Array(width * height);
  const best = new Float32Array(width * height);
  const contest = new Contest(new ImageLogits(decoded), scores, least);
  const contenders = contendersOf(channels, combine);
  for (const tile of tilesOf(decoded)) {
    contest.hold(tile, contenders, { width, labels, best });
    yield;
  }
  return { labels, scores: meanScores(labels, best, count) };
}

/** What is compared at each pixel: the sum of a name's masks, or each mask by itself, which gives the same as their highest. */
function contendersOf(channels: readonly number[], combine: MergeRule['combine']): readonly Contender[] {
  const each = channels.map((channel, n) => ({ label: channel + 1, masks: [n] }));
  if (combine === 'max') return each;
  const byLabel = new Map<number, number[]>();
  for (const { label, masks } of each) byLabel.set(label, [...(byLabel.get(label) ?? []), ...masks]);
  return [...byLabel].map(([label, masks]) => ({ label, masks }));
}

/** Rectangles that cover the image, row by row. */
function* tilesOf({ width, height, transform }: DecodedMasks): Generator<Rectangle> {
  const { original, resized, input } = transform;
  const side = (cells: number, from: number, part: number, to: number): number =>
    Math.max(TILE_PIXELS, Math.ceil((TILE_CELLS * from * to) / (cells * part)));
  const across = side(width, input.width, resized.width, original.width);
  const down = side(height, input.height, resized.height, original.height);
  for (let top = 0; top < original.height; top += down) {
    const bottom = Math.min(original.height, top + down);
    for (let left = 0; left < original.width; left += across)
      yield { left, top, right: Math.min(original.width, left + across), bottom };
  }
}

function meanScores(labels: Uint16Array, best: Float32Array, count: number): readonly number[] {
  const sums = new Float64Array(count + 1);
  const areas = new Float64Array(count + 1);
  for (let p = 0; p < labels.length; p++) {
    const label = labels[p]!;
    sums[label]! += best[p]!;
    areas[label]!++;
  }
  return Array.from({ length: count }, (_, name) =>
    Math.min(1, sums[name + 1]! / Math.max(1, areas[name + 1]!)),
  );
}
