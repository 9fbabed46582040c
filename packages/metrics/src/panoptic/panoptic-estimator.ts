import type { Estimator } from '../measure/estimator.js';
import type { PanopticPart } from './count-panoptic.js';
import type { PanopticCategory } from './panoptic-measure.js';

const GROUPS = ['', ' things', ' stuff'] as const;

/** The figures over many categories. */
export const PANOPTIC_FIGURES: readonly string[] = GROUPS.flatMap((group) =>
  ['PQ', 'SQ', 'RQ'].map((figure) => figure + group),
);

/** Panoptic quality of parts. */
export function panopticEstimator(
  parts: readonly PanopticPart[],
  categories: readonly PanopticCategory[],
  only: readonly string[] | undefined,
): Estimator {
  const all = [...PANOPTIC_FIGURES, ...categories.map(({ name }) => `PQ ${name}`)];
  const groups = GROUPS.map((_, g) =>
    categories.flatMap(({ isThing }, c) => (g === 0 || isThing === (g === 1) ? [c] : [])),
  );
  const wanted = only && new Set(only);
  const picked = all.flatMap((name, i) => ((wanted?.has(name) ?? true) ? [i] : []));
  const truths = categories.map(() => 0);
  for (const part of parts) {
    for (const [category, hits, , missed] of part) truths[category] = (truths[category] ?? 0) + hits + missed;
  }
  const sums = new Float64Array(4 * categories.length);
  const evaluate = (weights?: Float64Array): Float64Array => {
    sums.fill(0);
    parts.forEach((part, i) => {
      const weight = weights === undefined ? 1 : (weights[i] as number);
      if (weight === 0) return;
      for (const row of part) {
        const at = 4 * row[0];
        for (let k = 0; k < 4; k++) sums[at + k] = (sums[at + k] as number) + weight * (row[k + 1] as number);
      }
    });
    const perClass = categories.map((_, c) => qualities(sums.subarray(4 * c, 4 * c + 4)));
    const values = new Float64Array(all.length);
    groups.forEach((group, g) => {
      const scored = group.map((c) => perClass[c]).filter((quality) => quality !== undefined);
      for (let k = 0; k < 3; k++) {
        values[3 * g + k] = scored.reduce((sum, quality) => sum + (quality[k] as number), 0) / scored.length;
      }
    });
    perClass.forEach((quality, c) => {
      values[PANOPTIC_FIGURES.length + c] = quality?.[0] ?? NaN;
    });
    return values;
  };
  const countOf = (figure: number): number => {
    const group = groups[Math.floor(figure / 3)];
    const counted = figure < PANOPTIC_FIGURES.length ? (group ?? []) : [figure - PANOPTIC_FIGURES.length];
    return counted.reduce((sum, c) => sum + (truths[c] ?? 0), 0);
  };
  return {
    names: picked.map((i) => all[i] as string),
    counts: picked.map(countOf),
    estimate: (weights) => {
      const values = evaluate(weights);
      return Float64Array.from(picked, (i) => values[i] as number);
    },
  };
}

/** [PQ, SQ, RQ]; nothing where the category does not occur. @param sums - matches, wrong, missed, IoUs */
function qualities(sums: Float64Array): readonly [number, number, number] | undefined {
  const [hits, wrong, missed, ious] = sums as unknown as [number, number, number, number];
  const all = hits + wrong / 2 + missed / 2;
  if (all === 0) return undefined;
  return [ious / all, hits === 0 ? 0 : ious / hits, hits / all];
}
