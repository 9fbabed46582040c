import { z } from 'zod';
import { defineMeasure } from '@maskloom/metrics';
import type { Measure } from '@maskloom/metrics';
import type { ConfusionPart } from '@maskloom/metrics';

/** Classes and the groups of them that get a mean. */
export interface GroupIouOptions {
  /** In the order of their indices. */
  readonly classes: readonly string[];
  /** By the group's name. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/**
 * `mIoU <group>`: the mean IoU of some of the classes, over all known pixels (a pixel of another class that is taken for one
 * of the group counts to its union). Classes that occur in no truth are left out. Parts are those of `semanticMeasure`.
 * `n` is the number of classes in the mean.
 */
export function groupIouMeasure({ classes, groups }: GroupIouOptions): Measure<ConfusionPart, ConfusionPart> {
  const names = Object.keys(groups).sort();
  const indices = names.map((name) => (groups[name] ?? []).map((label) => classes.indexOf(label)));
  return defineMeasure({
    name: 'group-iou',
    switches: { classes: classes.length, groups },
    part: z.array(z.number().int().min(0)) as z.ZodType<ConfusionPart>,
    count: (part) => part,
    prepare: (parts, only) => {
      const shown = names.flatMap((name, i) => (only?.includes(`mIoU ${name}`) === false ? [] : [i]));
      const estimate = (weights?: Float64Array): { readonly mean: number; readonly count: number }[] => {
        const sums = areasOf(parts, classes.length, weights);
        return shown.map((i) => meanOf(indices[i] ?? [], sums));
      };
      return {
        names: shown.map((i) => `mIoU ${names[i] ?? ''}`),
        counts: estimate().map(({ count }) => count),
        estimate: (weights) => Float64Array.from(estimate(weights), ({ mean }) => mean),
      };
    },
  });
}

/** [intersection, truth, prediction] of every class. */
function areasOf(parts: readonly ConfusionPart[], classes: number, weights?: Float64Array): Float64Array {
  const sums = new Float64Array(3 * classes);
  const add = (index: number, kind: number, pixels: number): void => {
    if (index < classes) sums[3 * index + kind] = (sums[3 * index + kind] ?? 0) + pixels;
  };
  parts.forEach((part, i) => {
    const weight = weights?.[i] ?? 1;
    for (let at = 0; weight !== 0 && at + 2 < part.length; at += 3) {
      const [truth = 0, prediction = 0, pixels = 0] = part.slice(at, at + 3);
      add(truth, 1, weight * pixels);
      add(prediction, 2, weight * pixels);
      if (truth === prediction) add(truth, 0, weight * pixels);
    }
  });
  return sums;
}

function meanOf(
  group: readonly number[],
  sums: Float64Array,
): { readonly mean: number; readonly count: number } {
  let total = 0;
  let count = 0;
  for (const index of group) {
    const [both = 0, truth = 0, prediction = 0] = sums.subarray(3 * index, 3 * index + 3);
    if (truth === 0) continue;
    total += both / (truth + prediction - both);
    count++;
  }
  return { mean: total / count, count };
}
