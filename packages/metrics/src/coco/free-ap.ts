import { MaskloomError, type LabelMapper, type RunContext } from '@maskloom/core';
import { defineMeasure } from '../measure/define-measure.js';
import type { Estimator } from '../measure/estimator.js';
import type { Measure } from '../measure/measure.js';
import { apEstimator, COCO_FIGURES } from './ap-estimator.js';
import type { ApDetection, ApInput, ApKind, ApTruth } from './ap-input.js';
import { apPart, type ApPart } from './ap-part.js';
import { countAp } from './count-ap.js';

/** How objects with free names are scored. */
export interface FreeApOptions {
  /** The data set's names. */
  readonly labels: readonly string[];
  /** The stage that maps names to labels, as it calls itself: figures of different mappers are different figures. */
  readonly mapper: string;
  /** By masks (the default) or boxes. */
  readonly kind?: ApKind;
}

/** A found object under a name of the system's own. */
export interface FreeDetection extends Omit<ApDetection, 'categoryId'> {
  /** As the system wrote it. */
  readonly name: string;
}

/** A true object. */
export interface FreeTruth extends Omit<ApTruth, 'categoryId'> {
  /** One of the data set's names. */
  readonly label: string;
}

/** One image. */
export interface FreeApInput extends Pick<ApInput, 'width' | 'height'> {
  /** What was found, under names of the system's own. */
  readonly detections: readonly FreeDetection[];
  /** What is there. */
  readonly truths: readonly FreeTruth[];
  /** The label of every name in `detections`, `null` where none fits: see {@link mapFreeNames}. */
  readonly mapping: Readonly<Record<string, string | null>>;
}

/**
 * Average precision of a system that names what it finds in its own words. Names are mapped to labels first; a detection
 * whose name fits none counts for no class, and lowers `mapped`, the share of detections that have a label. The other
 * figures are those of `cocoApMeasure`.
 * @throws MaskloomError `VALUE_INVALID` when labels repeat or there are none
 */
export function freeApMeasure(options: FreeApOptions): Measure<FreeApInput, ApPart> {
  const { labels, mapper, kind = 'mask' } = options;
  const indexOf = new Map(labels.map((label, i) => [label, i]));
  if (labels.length === 0 || indexOf.size < labels.length) {
    throw new MaskloomError('VALUE_INVALID', 'No labels, or some twice.', { where: 'labels' });
  }
  const ids = new Map(labels.map((_, i) => [i, i]));
  const most = [1, 10, 100] as const;
  const place = (label: string, where: string): number => {
    const index = indexOf.get(label);
    if (index !== undefined) return index;
    throw new MaskloomError('VALUE_INVALID', `"${label}" is none of the data set's labels.`, { where });
  };
  return defineMeasure({
    name: 'free-ap',
    switches: { kind, labels: labels.length, mapper },
    part: apPart,
    count: ({ width, height, detections, truths, mapping }) => {
      const named = detections.flatMap(({ name, ...detection }, i) => {
        const label = Object.hasOwn(mapping, name) ? mapping[name] : undefined;
        if (label === undefined) {
          throw new MaskloomError('VALUE_INVALID', `The name "${name}" was not mapped.`, {
            where: `detection ${i}`,
            hint: 'Map the names of all detections first; null says that no label fits.',
          });
        }
        return label === null ? [] : [{ ...detection, categoryId: place(label, `mapping.${name}`) }];
      });
      const there = truths.map(({ label, ...truth }, i) => ({
        ...truth,
        categoryId: place(label, `truth ${i}`),
      }));
      const rules = { kind, most: most[2], honourIgnore: false, classAgnostic: false };
      const part = countAp({ width, height, detections: named, truths: there }, ids, rules);
      return { ...part, mapped: [detections.length, named.length] };
    },
    prepare: (parts, only) => withMapped(apEstimator(parts, labels, most, only), parts, only),
    headline: (figure) => figure === 'mapped' || (COCO_FIGURES as readonly string[]).includes(figure),
  });
}

/**
 * Asks a mapper for the labels of names, each name once.
 * @throws what the mapper throws
 */
export async function mapFreeNames(
  mapper: LabelMapper,
  names: readonly string[],
  labels: readonly string[],
  run: RunContext,
): Promise<Record<string, string | null>> {
  const distinct = [...new Set(names)];
  const matches = await mapper.map(distinct, labels, run);
  return Object.fromEntries(distinct.map((name, i) => [name, matches[i]?.label ?? null]));
}

/** Adds the share of detections that have a label. */
function withMapped(ap: Estimator, parts: readonly ApPart[], only?: readonly string[]): Estimator {
  if (only?.includes('mapped') === false) return ap;
  const counts = parts.map(({ mapped }) => mapped ?? ([0, 0] as const));
  return {
    names: [...ap.names, 'mapped'],
    counts: [...ap.counts, counts.reduce((sum, [all]) => sum + all, 0)],
    estimate: (weights) => {
      let all = 0;
      let mapped = 0;
      counts.forEach((count, i) => {
        const weight = weights === undefined ? 1 : (weights[i] as number);
        all += weight * count[0];
        mapped += weight * count[1];
      });
      return Float64Array.from([...ap.estimate(weights), mapped / all]);
    },
  };
}
