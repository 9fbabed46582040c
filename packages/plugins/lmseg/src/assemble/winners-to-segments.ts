import { boxOfRuns, rleOfRuns, runsOfLabels, type Segment, type Size } from '@maskloom/core';
import { LabelRuns } from './label-runs.js';

/** Values that one pass of the run-length coder can tell apart, 0 being "another one". */
const PER_PASS = 255;

/** Pixels between two pauses, about. */
const STRIDE = 1 << 18;

/**
 * One segment per class that won pixels, the largest first, pausing now and then. Its score is the mean of its pixels' scores.
 * @param winner - class of each pixel, row-major; below 0 for none
 * @param best - score of each pixel
 */
export function* winnersToSegments(
  winner: Int32Array,
  best: Float32Array,
  image: Size,
  labels: readonly string[],
): Generator<void, readonly Segment[]> {
  const areas = new Float64Array(labels.length);
  const sums = new Float64Array(labels.length);
  for (let from = 0; from < winner.length; from += STRIDE) {
    const to = Math.min(from + STRIDE, winner.length);
    for (let at = from; at < to; at++) {
      const index = winner[at]!;
      if (index < 0) continue;
      areas[index]!++;
      sums[index]! += best[at]!;
    }
    yield;
  }
  const classes = [...areas.keys()].filter((index) => areas[index]! > 0);
  const segments: Segment[] = [];
  for (let from = 0; from < classes.length; from += PER_PASS) {
    const some = classes.slice(from, from + PER_PASS);
    const runs = yield* runsOf(winner, image, some, labels.length);
    for (const [place, index] of some.entries()) {
      const area = areas[index]!;
      const score = Math.min(1, Math.max(0, sums[index]! / area));
      const own = runs.of(place + 1);
      segments.push({ label: labels[index] ?? '', score, bbox: boxOfRuns(own), area, mask: rleOfRuns(own) });
      yield;
    }
  }
  return segments.sort((a, b) => b.area - a.area);
}

/** Runs of some classes, by their place from 1 on, a band of columns at a time. */
function* runsOf(
  winner: Int32Array,
  { width, height }: Size,
  some: readonly number[],
  count: number,
): Generator<void, LabelRuns> {
  const places = new Uint8Array(count);
  some.forEach((index, place) => (places[index] = place + 1));
  const runs = new LabelRuns(width, height);
  const columns = Math.max(1, Math.floor(STRIDE / height)) & ~3 || 1;
  for (let left = 0; left < width; left += columns) {
    const wide = Math.min(columns, width - left);
    const band = new Uint8Array(wide * height);
    for (let y = 0, at = 0; y < height; y++) {
      for (let from = y * width + left, x = 0; x < wide; x++, from++, at++)
        band[at] = winner[from]! < 0 ? 0 : places[winner[from]!]!;
    }
    runs.add(runsOfLabels(band, wide, height));
    yield;
  }
  return runs;
}
