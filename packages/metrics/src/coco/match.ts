import { AREAS, IOU_THRESHOLDS, OUTCOME_BITS } from './settings.js';

/** The detections and truths of one category in one image. */
export interface Candidates {
  /** Row-major [detections, truths]; detections by falling score. */
  readonly ious: Float64Array;
  /** Pixels of each detection. */
  readonly detectionAreas: readonly number[];
  /** Pixels of each truth, as annotated. */
  readonly truthAreas: readonly number[];
  /** Truths that may be matched any number of times. */
  readonly crowd: readonly boolean[];
  /** Truths whose matches do not count. */
  readonly ignored: readonly boolean[];
}

/** What became of each detection and how many truths there are to find. */
export interface Matches {
  /** Truths that count, per size class of `AREAS`. */
  readonly truths: number[];
  /** [detections, size classes] row-major: bits as in `OUTCOME_BITS`. */
  readonly outcomes: number[];
}

/**
 * Matches detections with truths greedily by falling score, at every threshold and in every size class, by the rules of
 * `COCOeval.evaluateImg`: a detection takes the unmatched truth of highest IoU (of equals the last), truths that count
 * first; matches with the others, and unmatched detections outside of the size class, do not count.
 */
export function matchDetections(given: Candidates): Matches {
  const { ious, detectionAreas, truthAreas } = given;
  const detections = detectionAreas.length;
  const truths = truthAreas.length;
  const lowest = IOU_THRESHOLDS[0] as number;
  const near = detectionAreas.map((_, d) => {
    const found: number[] = [];
    for (let g = 0; g < truths; g++) if ((ious[d * truths + g] as number) >= lowest) found.push(g);
    return found;
  });
  const matches: Matches = { truths: [], outcomes: new Array<number>(detections * AREAS.length).fill(0) };
  AREAS.forEach(({ low, high }, a) => {
    const ignored = truthAreas.map((area, g) => given.ignored[g] === true || area < low || area > high);
    matches.truths.push(ignored.filter((ignore) => !ignore).length);
    const outcomes = matchInClass(given, near, ignored);
    detectionAreas.forEach((area, d) => {
      let bits = outcomes[d] as number;
      if (area < low || area > high) {
        const unmatched = ~bits & ((1 << OUTCOME_BITS) - 1);
        bits |= unmatched << OUTCOME_BITS;
      }
      matches.outcomes[d * AREAS.length + a] = bits;
    });
  });
  return matches;
}

function matchInClass(
  { ious, crowd }: Candidates,
  near: readonly (readonly number[])[],
  ignored: readonly boolean[],
): Uint32Array {
  const truths = ignored.length;
  const outcomes = new Uint32Array(near.length);
  const taken = new Uint8Array(truths);
  for (let t = 0; t < OUTCOME_BITS; t++) {
    taken.fill(0);
    for (let d = 0; d < near.length; d++) {
      const candidates = near[d] as readonly number[];
      let best = -1;
      let iou = Math.min(IOU_THRESHOLDS[t] as number, 1 - 1e-10);
      for (let pass = 0; pass < 2 && best < 0; pass++) {
        for (const g of candidates) {
          if (ignored[g] !== (pass === 1) || (taken[g] === 1 && crowd[g] !== true)) continue;
          const value = ious[d * truths + g] as number;
          if (value < iou) continue;
          iou = value;
          best = g;
        }
      }
      if (best < 0) continue;
      taken[best] = 1;
      const bits = (1 << t) | (ignored[best] === true ? 1 << (OUTCOME_BITS + t) : 0);
      outcomes[d] = (outcomes[d] as number) | bits;
    }
  }
  return outcomes;
}
