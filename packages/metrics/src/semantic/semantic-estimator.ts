import { BLOCK, type Estimator } from '../measure/estimator.js';
import { classAreas } from './class-areas.js';
import type { ConfusionPart } from './confusion.js';

/** The figures over all classes. */
export const SEMANTIC_FIGURES: readonly string[] = [
  'mIoU',
  'fwIoU',
  'pixel accuracy',
  'mean accuracy',
  'UmI',
];
/** Those that are means over classes. */
const MEANS: readonly string[] = ['mIoU', 'fwIoU', 'mean accuracy'];

/** Semantic figures of parts. @param truthOnly - whether means are over the classes in the truth alone */
export function semanticEstimator(
  parts: readonly ConfusionPart[],
  classes: readonly string[],
  truthOnly: boolean,
  only: readonly string[] | undefined,
): Estimator {
  const all = [
    ...SEMANTIC_FIGURES,
    ...['IoU', 'accuracy', 'UmI'].flatMap((figure) => classes.map((name) => `${figure} ${name}`)),
  ];
  const wanted = only && new Set(only);
  const picked = all.flatMap((name, i) => (wanted === undefined || wanted.has(name) ? [i] : []));
  const areas = classAreas(parts, classes.length);
  const once = new Float64Array(parts.length).fill(1);
  const whole = areas.of(once);
  const scored = classes.filter((_, c) => {
    const [both, truth, prediction] = whole.subarray(3 * c) as unknown as readonly [number, number, number];
    return truthOnly ? truth > 0 : truth + prediction - both > 0;
  }).length;
  const pixels = classes.reduce((sum, _, c) => sum + whole[3 * c + 1]!, 0);
  /** Figures of as many draws at once, of sums as {@link classAreas} orders them. */
  const evaluator = (draws: number): ((sums: Float64Array) => Float64Array) => {
    const found = new Float64Array(draws * all.length);
    const values = new Float64Array(draws * picked.length);
    return (sums) => {
      for (let d = 0; d < draws; d++) writeFigures(sums, draws, d, truthOnly, found);
      picked.forEach((figure, k) => {
        for (let d = 0; d < draws; d++) values[draws * k + d] = found[draws * figure + d]!;
      });
      return values;
    };
  };
  const { ofBlock } = areas;
  const single = evaluator(1);
  let block: typeof single | undefined;
  return {
    names: picked.map((i) => all[i]!),
    counts: picked.map((i) => (MEANS.includes(all[i]!) ? scored : pixels)),
    estimate: (weights = once) => single(areas.of(weights)),
    ...(ofBlock && { estimateBlock: (weights) => (block ??= evaluator(BLOCK))(ofBlock(weights)) }),
  };
}

/**
 * Writes all figures of a draw.
 * @param sums - [class, (intersection, truth, prediction), draw], then how many images each draw has
 * @param values - receives them: [figure, draw], in the order of the figures' names
 */
function writeFigures(
  sums: Float64Array,
  draws: number,
  draw: number,
  truthOnly: boolean,
  values: Float64Array,
): void {
  const images = sums[sums.length - draws + draw]!;
  const classes = (sums.length / draws - 1) / 3;
  // Where the classes' IoU, accuracy and UmI begin.
  const iouAt = SEMANTIC_FIGURES.length * draws + draw;
  const accuracyAt = iouAt + classes * draws;
  const umiAt = accuracyAt + classes * draws;
  let pixels = 0;
  let right = 0;
  let iouSum = 0;
  let scored = 0;
  let accuracySum = 0;
  let inTruth = 0;
  let weighted = 0;
  let wrong = 0;
  for (let c = 0; c < classes; c++) {
    const at = 3 * c * draws + draw;
    const both = sums[at]!;
    const truth = sums[at + draws]!;
    const union = truth + sums[at + 2 * draws]! - both;
    const counts = truthOnly ? truth > 0 : union > 0;
    const iou = counts ? both / union : NaN;
    const accuracy = truth > 0 ? both / truth : NaN;
    values[iouAt + c * draws] = iou;
    values[accuracyAt + c * draws] = accuracy;
    values[umiAt + c * draws] = images > 0 ? (union - both) / images : NaN;
    pixels += truth;
    right += both;
    wrong += union - both;
    if (counts) {
      scored++;
      iouSum += iou;
      weighted += (truth * both) / union;
    }
    if (truth > 0) {
      inTruth++;
      accuracySum += accuracy;
    }
  }
  values[draw] = iouSum / scored;
  values[draws + draw] = weighted / pixels;
  values[2 * draws + draw] = right / pixels;
  values[3 * draws + draw] = accuracySum / inTruth;
  values[4 * draws + draw] = images > 0 ? wrong / images : NaN;
}
