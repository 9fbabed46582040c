import { maskArea, maskBox, MaskloomError, mergeMasks, type RleMask } from '@maskloom/masks';
import { outcomeOf, type Prediction, type Segment } from '../domain/prediction.js';
import type { Refinement } from '../domain/refinement.js';
import type { ResolvedEdit } from './instruction.js';
import { resizeMask } from './resize-mask.js';

/** By how much a mask grows or shrinks when nobody says: a quarter of its area (our choice). */
export const RESIZE_FRACTION = 0.25;

/**
 * Does to a prediction what an instruction asks for, where no model is needed; what is not asked for stays.
 *
 * - `rename`: the segment's name; the mask stays.
 * - `larger`, `smaller`: a band of even width is added or taken off until the area has changed by the fraction
 *   (`resizeMask`); the other segments stay, also where they come to overlap.
 * - `delete`: the segments go.
 * - `merge`: their union stands where the first was, with the name and score of the largest.
 * - `keep`: everything stays.
 * @returns a prediction with its `refinement` note; no stage ran
 * @throws MaskloomError VALUE_INVALID when a mask cannot grow or shrink, or fewer than two are to be made one
 */
export function editPrediction(prediction: Prediction, edit: ResolvedEdit): Prediction {
  const { situation, say, segments: from } = edit;
  const [segments, segment] = edited(prediction.segments, edit);
  const { system, recipe, request, answer } = prediction;
  const refinement: Refinement = {
    by: 'edit',
    situation,
    say,
    ...(segment === undefined ? {} : { segment }),
    ...(from.length === 0 ? {} : { from }),
  };
  const outcome = outcomeOf(situation === 'keep' ? prediction : { segments });
  return Object.freeze({
    ...{ system, recipe, request, answer, segments, outcome },
    ...{ stages: [], warnings: [], refinement },
  });
}

/** The segments after the edit, and which of them it changed. */
function edited(
  segments: readonly Segment[],
  { situation, segments: from, name, fraction = RESIZE_FRACTION }: ResolvedEdit,
): readonly [Segment[], number | undefined] {
  const [at = -1] = from;
  const old = segments[at];
  if (situation === 'keep') return [[...segments], undefined];
  if (situation === 'delete') return [segments.filter((_, i) => !from.includes(i)), undefined];
  if (old === undefined) throw invalid('Nothing is said to be changed.', 'Name a segment.');
  const put = (made: Segment): Segment[] =>
    segments.flatMap((segment, i) => (i === at ? [made] : from.includes(i) ? [] : [segment]));
  if (situation === 'rename') return [put({ ...old, label: name ?? old.label }), at];
  if (situation === 'merge') return [put(union(segments, from)), at];
  const mask = resizeMask(old.mask, situation, fraction);
  if (mask === undefined)
    throw situation === 'larger'
      ? invalid(
          `The mask of segment ${at} cannot grow: it is empty or fills the image.`,
          'Say what was missed.',
        )
      : invalid(`The mask of segment ${at} is too thin to shrink.`, 'Say "delete it" to remove it.');
  return [put({ label: old.label, score: old.score, ...masked(mask) }), at];
}

function union(segments: readonly Segment[], from: readonly number[]): Segment {
  const parts = from.flatMap((i) => segments[i] ?? []);
  const [largest] = [...parts].sort((a, b) => b.area - a.area);
  if (largest === undefined || parts.length < 2)
    throw invalid('One segment cannot be merged with nothing.', 'Name two or more.');
  return { label: largest.label, score: largest.score, ...masked(mergeMasks(parts.map(({ mask }) => mask))) };
}

function masked(mask: RleMask): Pick<Segment, 'bbox' | 'area' | 'mask'> {
  return { bbox: maskBox(mask), area: maskArea(mask), mask };
}

function invalid(message: string, hint: string): MaskloomError {
  return new MaskloomError('VALUE_INVALID', message, { where: 'instruction', hint });
}
