import type { Prediction } from '../domain/prediction.js';
import { MaskloomError } from '../errors/maskloom-error.js';
import type { RefineInstruction } from '../slots/refiner.js';
import { overlapOfBoxes } from './box-overlap.js';

/**
 * Which segment an instruction about a mask or a name means, by these rules in this order: the segment it gives; the
 * one whose box overlaps the given box most; of those with the wrong name, the most confident one; of those whose
 * label is in the words, the one with the longest label; the one refined last; the only one.
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
  const words = say.toLowerCase();
  const labelOf = (i: number): string => (segments[i]?.label ?? '').toLowerCase();
  const found =
    (box && best((i) => overlapOfBoxes(segments[i]?.bbox ?? [0, 0, 0, 0], box))) ??
    (wrong !== undefined
      ? best((i) => (labelOf(i) === wrong.toLowerCase() ? 1 + (segments[i]?.score ?? 0) : 0))
      : undefined) ??
    best((i) => (labelOf(i) !== '' && words.includes(labelOf(i)) ? labelOf(i).length : 0)) ??
    refinement?.segment ??
    (segments.length === 1 ? 0 : undefined);
  if (found !== undefined) return found;
  throw new MaskloomError('VALUE_INVALID', `Which of ${segments.length} segments is meant?`, {
    where: 'instruction',
    hint: `Name one (${segments.map(({ label }, i) => `${i}: ${label}`).join(', ')}) by segment or by a box.`,
  });
}
