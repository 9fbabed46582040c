import type { Estimator } from '../measure/estimator.js';
import type { ApPart, CategoryPart } from './ap-part.js';
import { AT, CategoryCurves } from './ap-curves.js';
import { AREAS, IOU_THRESHOLDS } from './settings.js';

/** What a figure is the mean of. */
interface FigureRule {
  readonly name: string;
  readonly of: 'precision' | 'recall';
  readonly thresholds: readonly number[];
  /** Place in `AREAS`. */
  readonly area: number;
  /** Detections per image that count. */
  readonly most: number;
  /** One category, or the mean over those with truths. */
  readonly category?: number;
}

/** The twelve figures of `COCOeval.summarize`, in its order. */
export const COCO_FIGURES = [
  'AP',
  'AP50',
  'AP75',
  'APs',
  'APm',
  'APl',
  'AR1',
  'AR10',
  'AR100',
  'ARs',
  'ARm',
  'ARl',
] as const;

function rules(most: readonly [number, number, number], classes: readonly string[]): FigureRule[] {
  const [few, some, many] = most;
  const ap = { of: 'precision', thresholds: AT.all, area: 0, most: many } as const;
  const ar = { of: 'recall', thresholds: AT.all, area: 0, most: many } as const;
  const twelve: Omit<FigureRule, 'name'>[] = [
    ap,
    { ...ap, thresholds: AT[50] },
    { ...ap, thresholds: AT[75] },
    { ...ap, area: 1 },
    { ...ap, area: 2 },
    { ...ap, area: 3 },
    { ...ar, most: few },
    { ...ar, most: some },
    ar,
    { ...ar, area: 1 },
    { ...ar, area: 2 },
    { ...ar, area: 3 },
  ];
  return [
    ...COCO_FIGURES.map((name, i) => ({ name, ...(twelve[i] ?? ap) })),
    ...classes.map((name, category) => ({ name: `AP ${name}`, ...ap, category })),
  ];
}

/** Average precision and recall of parts. @param classes - names by index */
export function apEstimator(
  parts: readonly ApPart[],
  classes: readonly string[],
  most: readonly [number, number, number],
  only: readonly string[] | undefined,
): Estimator {
  const byCategory = classes.map((): [number, CategoryPart][] => []);
  parts.forEach(({ categories }, i) => {
    for (const part of categories) byCategory[part.category]?.push([i, part]);
  });
  const curves = byCategory.map((of) => new CategoryCurves(of));
  const wanted = only && new Set(only);
  const figures = rules(most, classes).filter(({ name }) => wanted?.has(name) ?? true);
  const values = new Float64Array(figures.length);
  const classesOf = ({ category }: FigureRule): readonly number[] =>
    category === undefined ? [...curves.keys()] : [category];
  // Figures share curves: AP, AP50, AP75 and every class's AP read the same ones.
  const needed = [...new Set(figures.flatMap(classesOf))];
  const settings = settingsOf(figures);
  const settingOf = figures.map(({ area, most: limit }) =>
    settings.findIndex((setting) => setting.area === area && setting.most === limit),
  );
  const read = settings.map(() => curves.map(() => IOU_THRESHOLDS.map(() => ({ precision: 0, recall: 0 }))));
  return {
    names: figures.map(({ name }) => name),
    counts: figures.map((figure) =>
      classesOf(figure).reduce((sum, c) => sum + (curves[c]?.truths[figure.area] ?? 0), 0),
    ),
    estimate(weights) {
      const positives = curves.map((curve) => AREAS.map((_, area) => curve.truthsIn(area, weights)));
      settings.forEach(({ area, most: limit, thresholds }, s) => {
        for (const c of needed) {
          const there = positives[c]?.[area] ?? 0;
          if (there === 0) continue;
          for (const t of thresholds) {
            read[s]![c]![t] = curves[c]!.at(t, area, limit, there, weights);
          }
        }
      });
      figures.forEach((figure, f) => {
        let sum = 0;
        let n = 0;
        for (const c of classesOf(figure)) {
          if ((positives[c]?.[figure.area] ?? 0) === 0) continue;
          for (const t of figure.thresholds) {
            sum += read[settingOf[f]!]![c]![t]![figure.of];
            n++;
          }
        }
        values[f] = sum / n;
      });
      return values;
    },
  };
}

/** Sizes and numbers of detections that figures need, each with all thresholds at which it is needed. */
function settingsOf(
  figures: readonly FigureRule[],
): { readonly area: number; readonly most: number; readonly thresholds: readonly number[] }[] {
  const found = new Map<string, { area: number; most: number; thresholds: Set<number> }>();
  for (const { area, most, thresholds } of figures) {
    const key = `${area} ${most}`;
    const setting = found.get(key) ?? { area, most, thresholds: new Set<number>() };
    found.set(key, setting);
    for (const threshold of thresholds) setting.thresholds.add(threshold);
  }
  return [...found.values()].map((setting) => ({ ...setting, thresholds: [...setting.thresholds] }));
}
