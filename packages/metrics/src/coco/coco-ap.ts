import { MaskloomError } from '@maskloom/core';
import { defineMeasure } from '../measure/define-measure.js';
import type { Measure, MeasureResult } from '../measure/measure.js';
import { apEstimator, COCO_FIGURES } from './ap-estimator.js';
import type { ApInput, ApKind } from './ap-input.js';
import { apPart, type ApPart } from './ap-part.js';
import { countAp } from './count-ap.js';

/** A category whose objects are scored. */
export interface ApCategory {
  /** Unique; what truths and detections say. */
  readonly id: number;
  /** Unique; names its figure, `AP <name>`. */
  readonly name: string;
}

/** How objects are scored. */
export interface CocoApOptions {
  /** By their masks (the default) or by their boxes. */
  readonly kind?: ApKind;
  /** The data set's categories. */
  readonly categories: readonly ApCategory[];
  /** Detections per category and image that count for AR1, AR10 and all the rest; 1, 10 and 100 when absent. */
  readonly maxDetections?: readonly [number, number, number];
  /**
   * Whether truths marked `ignore` do not count. Off by default, as in pycocotools, whose `ignore` is overwritten by
   * `iscrowd`.
   */
  readonly honourIgnore?: boolean;
  /** Score where objects are, whatever they are called (`useCats = 0`). Off by default. */
  readonly classAgnostic?: boolean;
}

/**
 * COCO's average precision and recall, equal to pycocotools' `COCOeval`: `AP` over the IoU thresholds 0.5 to 0.95, `AP50`,
 * `AP75`, `APs`, `APm`, `APl` by size, `AR1`, `AR10`, `AR100`, `ARs`, `ARm`, `ARl`, then `AP <class>`. Undefined where
 * there are no truths (pycocotools prints -1, see {@link cocoStats}). `n` counts the truths that count.
 *
 * Images are matched one by one and forgotten: a part holds scores and outcomes, no masks.
 * @throws MaskloomError `VALUE_INVALID` when category ids or names repeat, or the numbers of detections do not rise
 */
export function cocoApMeasure(options: CocoApOptions): Measure<ApInput, ApPart> {
  const { kind = 'mask', honourIgnore = false, classAgnostic = false } = options;
  const maxDetections = options.maxDetections ?? ([1, 10, 100] as const);
  const categories = [...options.categories].sort((a, b) => a.id - b.id);
  checkOptions(categories, maxDetections);
  const indexOf = new Map(categories.map(({ id }, i) => [id, i]));
  const classes = classAgnostic ? ['any class'] : categories.map(({ name }) => name);
  const rules = { kind, honourIgnore, classAgnostic, most: maxDetections[2] };
  return defineMeasure({
    name: 'coco-ap',
    switches: { kind, honourIgnore, classAgnostic, maxDetections, categories: categories.length },
    part: apPart,
    count: (input) => countAp(input, indexOf, rules),
    prepare: (parts, only) => apEstimator(parts, classes, maxDetections, only),
    headline: (figure) => (COCO_FIGURES as readonly string[]).includes(figure),
  });
}

/** The twelve numbers as `COCOeval.stats` holds them: -1 where a figure is undefined. */
export function cocoStats({ figures }: MeasureResult): number[] {
  return COCO_FIGURES.map((name) => figures[name]?.value ?? -1);
}

function checkOptions(
  categories: CocoApOptions['categories'],
  [few, some, many]: readonly [number, number, number],
): void {
  const twice = categories.find(({ id, name }, i) =>
    categories.some((other, j) => j < i && (other.id === id || other.name === name)),
  );
  if (categories.length === 0 || twice !== undefined) {
    throw new MaskloomError(
      'VALUE_INVALID',
      twice === undefined ? 'No categories.' : `Category ${twice.id} "${twice.name}" is there twice.`,
      { where: 'categories', hint: 'Give every category an id and a name of its own.' },
    );
  }
  if (!(few >= 1 && few <= some && some <= many && [few, some, many].every(Number.isInteger))) {
    throw new MaskloomError('VALUE_INVALID', `Numbers of detections ${few}, ${some}, ${many}.`, {
      where: 'maxDetections',
      hint: 'Give three whole numbers that do not fall, such as 1, 10, 100.',
    });
  }
}
