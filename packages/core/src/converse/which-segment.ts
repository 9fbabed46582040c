import { MaskloomError } from '@maskloom/masks';
import type { Prediction } from '../domain/prediction.js';
import type { RefineInstruction } from '../slots/refiner.js';
import { overlapOfBoxes } from '../domain/box-overlap.js';
import { spaced } from './words.js';

/**
 * Which segment an instruction about a mask or a name means, by these rules in this order: the segment it gives; the
 * one whose box overlaps the given box most, those with the wrong name before others; of those with the wrong name,
 * the most confident one; of those whose label is in the words, the one with the longest label; the one changed last; the only
 * one. Where several have the label that is in the words, the one changed last decides, else nothing does.
 * @throws MaskloomError VALUE_INVALID when none of the rules decides, or there is no segment
 */
export function whichSegment(prediction: Prediction, instruction: RefineInstruction): number {
  const { segments, refinement } = prediction;
  const { say, box, segment, wrong } = instruction;
  if (segment !== undefined) return segment;
  if (segments.length === 0) {
    throw new MaskloomError('VALUE_INVALID', 'There is no segment to refine.', {
      where: 'instruction',
      hint: 'Say what was missed, with a box around it.',
    });
  }
  const indices = [...segments.keys()];
  const best = (score: (i: number) => number): number | undefined => {
    const [first] = indices
      .map((i) => ({ i, score: score(i) }))
      .filter((one) => one.score > 0)
      .sort((a, b) => b.score - a.score || a.i - b.i);
    return first?.i;
  };
  const words = spaced(say);
  const labelOf = (i: number): string => (segments[i]?.label ?? '').toLowerCase();
  const named = (i: number): boolean => labelOf(i) === wrong?.toLowerCase();
  const inWords = indices.filter(
    (i) => spaced(labelOf(i)).trim() !== '' && words.includes(spaced(labelOf(i))),
  );
  const longest = Math.max(0, ...inWords.map((i) => labelOf(i).length));
  const namesakes = inWords.filter((i) => labelOf(i).length === longest);
  const last = refinement?.segment;
  const only = (one: readonly number[]): number | undefined => (one.length === 1 ? one[0] : undefined);
  const found =
    (box &&
      best((i) => {
        const overlap = overlapOfBoxes(segments[i]?.bbox ?? [0, 0, 0, 0], box);
        return overlap > 0 && named(i) ? 1 + overlap : overlap;
      })) ??
    best((i) => (named(i) ? 1 + (segments[i]?.score ?? 0) : 0)) ??
    (namesakes.length > 0 && !namesakes.includes(last ?? -1) ? only(namesakes) : undefined) ??
    (namesakes.length < 2 || namesakes.includes(last ?? -1) ? last : undefined) ??
    (segments.length === 1 ? 0 : undefined);
  if (found !== undefined) return found;
  throw new MaskloomError('VALUE_INVALID', `Which of ${segments.length} segments is meant?`, {
    where: 'instruction',
    hint: `Name one (${segments.map(({ label }, i) => `${i}: ${label}`).join(', ')}) by segment or by a box.`,
  });
}
