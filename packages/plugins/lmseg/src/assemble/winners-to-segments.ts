import { encodeLabels, maskBox, type Segment, type Size } from '@maskloom/core';

/** Values that one pass of the run-length coder can tell apart, 0 being "another one". */
const PER_PASS = 255;

/**
 * One segment per class that won pixels, the largest first. Its score is the mean of its pixels' scores.
 * @param winner - class of each pixel, row-major; below 0 for none
 * @param best - score of each pixel
 */
export function winnersToSegments(
  winner: Int32Array,
  best: Float32Array,
  { width, height }: Size,
  labels: readonly string[],
): readonly Segment[] {
  const found = new Map<number, { area: number; sum: number }>();
  winner.forEach((index, at) => {
    if (index < 0) return;
    const one = found.get(index) ?? { area: 0, sum: 0 };
    one.area++;
    one.sum += best[at] as number;
    found.set(index, one);
  });
  const classes = [...found.keys()].sort((a, b) => a - b);
  const segments: Segment[] = [];
  for (let from = 0; from < classes.length; from += PER_PASS) {
    const some = classes.slice(from, from + PER_PASS);
    const places = new Map(some.map((index, place) => [index, place + 1]));
    const pixels = Uint8Array.from(winner, (index) => places.get(index) ?? 0);
    const masks = encodeLabels(pixels, width, height);
    for (const [place, index] of some.entries()) {
      const mask = masks.get(place + 1);
      const one = found.get(index);
      if (mask === undefined || one === undefined) continue;
      const score = Math.min(1, Math.max(0, one.sum / one.area));
      segments.push({ label: labels[index] ?? '', score, bbox: maskBox(mask), area: one.area, mask });
    }
  }
  return segments.sort((a, b) => b.area - a.area);
}
