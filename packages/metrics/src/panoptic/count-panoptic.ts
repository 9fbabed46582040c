import {
  areaOfRuns,
  complementOfRuns,
  indexRuns,
  intersectionOfIndexed,
  MaskloomError,
  mergeRuns,
  runsOfRle,
  type MaskRuns,
  type RleMask,
  type RunIndex,
} from '@maskloom/core';

/** One segment. */
export interface PanopticShape {
  /** Id of its category. */
  readonly categoryId: number;
  /** Its pixels, shared with no other segment of the same side. */
  readonly mask: RleMask;
  /** Whether it is a region of many objects, for true segments. */
  readonly crowd?: boolean | undefined;
}

/** One image. */
export interface PanopticInput {
  /** What is there. Pixels of no segment are void. */
  readonly truths: readonly PanopticShape[];
  /** What was found. */
  readonly predictions: readonly PanopticShape[];
}

/** Per category that occurs: [index, matches, wrong predictions, missed truths, sum of the matches' IoUs]. */
export type PanopticPart = readonly (readonly [number, number, number, number, number])[];

interface Ready {
  readonly category: number;
  readonly crowd: boolean;
  readonly index: RunIndex;
}

/**
 * Counts one image.
 * @throws MaskloomError `MASK_INVALID` on a malformed mask or differing sizes, `VALUE_INVALID` on an unknown category, an
 * empty segment, or segments of one side that overlap
 */
export function countPanoptic(
  { truths, predictions }: PanopticInput,
  indexOf: ReadonlyMap<number, number>,
): PanopticPart {
  const there = ready(truths, indexOf, 'truth');
  const found = ready(predictions, indexOf, 'prediction');
  const unclaimed = there.claimed && indexRuns(complementOfRuns(there.claimed));
  const sums = new Map<number, [number, number, number, number]>();
  const of = (category: number): [number, number, number, number] => {
    const sum = sums.get(category) ?? [0, 0, 0, 0];
    sums.set(category, sum);
    return sum;
  };
  const matchedTruths = new Set<number>();
  found.segments.forEach((prediction) => {
    const inVoid = unclaimed ? intersectionOfIndexed(prediction.index, unclaimed) : prediction.index.area;
    let forgiven = inVoid;
    let matched = false;
    there.segments.forEach((truth, t) => {
      if (truth.category !== prediction.category) return;
      const both = intersectionOfIndexed(prediction.index, truth.index);
      // Of several crowds of one category the last counts, as in the reference.
      if (truth.crowd) forgiven = inVoid + both;
      else {
        const iou = both / (prediction.index.area + truth.index.area - both - inVoid);
        if (iou <= 0.5) return;
        matched = true;
        matchedTruths.add(t);
        const sum = of(truth.category);
        sum[0]++;
        sum[3] += iou;
      }
    });
    if (!matched && forgiven / prediction.index.area <= 0.5) of(prediction.category)[1]++;
  });
  there.segments.forEach(({ category, crowd }, t) => {
    if (!crowd && !matchedTruths.has(t)) of(category)[2]++;
  });
  return [...sums].sort(([a], [b]) => a - b).map(([category, sum]) => [category, ...sum] as const);
}

function ready(
  shapes: readonly PanopticShape[],
  indexOf: ReadonlyMap<number, number>,
  side: string,
): { readonly segments: readonly Ready[]; readonly claimed: MaskRuns | undefined } {
  let area = 0;
  const masks: MaskRuns[] = [];
  const segments = shapes.map(({ categoryId, mask, crowd = false }, i): Ready => {
    const where = `${side} ${i}`;
    const category = indexOf.get(categoryId);
    if (category === undefined) {
      throw new MaskloomError('VALUE_INVALID', `Category ${categoryId} is none of the data set's.`, {
        where,
      });
    }
    const runs = runsOfRle(mask, where);
    const index = indexRuns(runs);
    if (index.area === 0) {
      throw new MaskloomError('VALUE_INVALID', 'The segment has no pixels.', {
        where,
        hint: 'Leave it out.',
      });
    }
    area += index.area;
    masks.push(runs);
    return { category, crowd, index };
  });
  const claimed = masks.length === 0 ? undefined : mergeRuns(masks, 'union');
  if (claimed !== undefined && areaOfRuns(claimed) < area) {
    throw new MaskloomError('VALUE_INVALID', `Segments overlap by ${area - areaOfRuns(claimed)} pixels.`, {
      where: side,
      hint: 'In a panoptic result every pixel belongs to one segment at most.',
    });
  }
  return { segments, claimed };
}
