import {
  areaOfRuns,
  complementOfRuns,
  intersectionOfRuns,
  MaskloomError,
  mergeRuns,
  runsOfRle,
  type MaskRuns,
} from '@maskloom/core';
import { queryIou, sumIou, type IouRules } from '../iou.js';
import type { PixelCounts } from '../mask-overlap.js';
import { defineMeasure } from '../measure/define-measure.js';
import type { Measure } from '../measure/measure.js';
import {
  RatioCounter,
  ratioEstimator,
  ratioSums,
  type RatioRule,
  type RatioSums,
} from '../measure/ratio-sums.js';
import type { ScoredQuery } from './scored-query.js';
import { truthRuns } from './truth.js';

/** How phrases are scored. The defaults are exact arithmetic over everything that was asked. */
export interface ReferringSwitches extends IouRules {
  /** Add a target's polygons up instead of joining them (the references' loaders): see `coveredOnce`. Off by default. */
  readonly summedPolygons?: boolean;
  /** Only the first paraphrase of a sample counts (LISA, READ on ReasonSeg). Off by default. */
  readonly firstTextOnly?: boolean;
  /**
   * Which answers are scored: those the system wrote (the default), or those put in its mouth, as in the figures that
   * LISA and READ print for ReasonSeg and RefCOCO.
   */
  readonly answers?: 'generated' | 'teacher-forced';
}

/** All phrases of one image. */
export interface ReferringInput {
  /** In the order of the data set. */
  readonly queries: readonly ScoredQuery[];
}

/**
 * gIoU and cIoU by column, and on queries of false-premise sets `See` (presence said = presence true, an empty mask says
 * absent), `See accept`, `See reject`, `See reject <kind>` and `Segment cIoU` (a hallucinated mask adds to the union, a
 * missed target its area). `n` counts queries. Definitions: LISA section 4.1, SESAME section 5.
 *
 * Counting throws `MASK_INVALID` when a mask is malformed or sizes differ, `VALUE_INVALID` when teacher-forced answers are
 * to be scored and a query has none.
 */
export function referringMeasure(options: ReferringSwitches = {}): Measure<ReferringInput, RatioSums> {
  const switches = {
    answers: options.answers ?? 'generated',
    emptyUnionIsOne: options.emptyUnionIsOne ?? true,
    firstTextOnly: options.firstTextOnly ?? false,
    referenceEpsilons: options.referenceEpsilons ?? false,
    skipTrueNegatives: options.skipTrueNegatives ?? false,
    summedPolygons: options.summedPolygons ?? false,
  } as const;
  return defineMeasure({
    name: 'referring',
    switches,
    part: ratioSums,
    count: ({ queries }) => countQueries(queries, switches),
    prepare: (parts, only) => ratioEstimator(parts, iouRule(switches), only),
  });
}

function countQueries(queries: readonly ScoredQuery[], switches: Required<ReferringSwitches>): RatioSums {
  const sums = new RatioCounter();
  queries.forEach((query, i) => {
    if (switches.firstTextOnly && (query.textIndex ?? 0) > 0) return;
    const predicted = predictedRuns(query, i, switches.answers);
    const counts = countRuns(predicted, truthRuns(query.truth, switches.summedPolygons), query);
    const empty = counts.union === 0 && switches.skipTrueNegatives;
    for (const column of query.columns ?? (query.present === undefined ? ['all'] : [])) {
      if (empty) continue;
      sums.add(`gIoU ${column}`, queryIou(counts, switches), 1);
      sums.add(`cIoU ${column}`, counts.intersection, counts.union);
    }
    const { present, kind } = query;
    if (present === undefined) return;
    const said = predicted !== undefined && areaOfRuns(predicted) > 0;
    const right = said === present ? 1 : 0;
    sums.add('See', right, 1);
    sums.add(present ? 'See accept' : 'See reject', right, 1);
    if (!present) sums.add(`See reject ${kind ?? 'other'}`, right, 1);
    sums.add('Segment cIoU', counts.intersection, counts.union);
  });
  return sums.sums();
}

function predictedRuns(
  query: ScoredQuery,
  index: number,
  answers: 'generated' | 'teacher-forced',
): MaskRuns | undefined {
  const mask = answers === 'generated' ? query.prediction : query.forced;
  if (mask === undefined && answers === 'teacher-forced') {
    throw new MaskloomError('VALUE_INVALID', `Query ${index} has no teacher-forced answer to score.`, {
      where: `queries.${index}.forced`,
      hint: 'Give the mask of the forced answer (an empty one where it is empty), or score generated answers.',
    });
  }
  return mask && runsOfRle(mask, `prediction ${index}`);
}

function countRuns(
  predicted: MaskRuns | undefined,
  truth: MaskRuns | undefined,
  { ignore }: ScoredQuery,
): PixelCounts {
  const keep = ignore && complementOfRuns(runsOfRle(ignore, 'ignore'));
  const visible = (runs: MaskRuns): MaskRuns => (keep ? mergeRuns([runs, keep], 'intersection') : runs);
  const a = predicted && visible(predicted);
  const b = truth && visible(truth);
  const intersection = a && b ? intersectionOfRuns(a, b) : 0;
  return { intersection, union: (a ? areaOfRuns(a) : 0) + (b ? areaOfRuns(b) : 0) - intersection };
}

/** gIoU and cIoU of their sums by the rules; every other figure is a plain share. */
export function iouRule(rules: IouRules): RatioRule {
  return (figure, numerator, denominator, n) => {
    if (n === 0) return NaN;
    if (figure.includes('cIoU')) return sumIou(numerator, denominator, rules);
    const small = figure.startsWith('gIoU') && rules.referenceEpsilons === true ? 1e-5 : 0;
    return numerator / (denominator + small);
  };
}
