import type { Prediction } from '../domain/prediction.js';
import type { RefineSituation } from '../domain/refinement.js';
import type { RefineInstruction } from '../slots/refiner.js';
import { readInstruction } from './read-instruction.js';
import { whichSegment } from './which-segment.js';

/** An instruction with everything that its words left open filled in. */
export interface ResolvedInstruction extends RefineInstruction {
  /** What is wrong. */
  readonly situation: RefineSituation;
}

/**
 * Fills in what an instruction leaves open: the situation and the names by `readInstruction`, the segment by
 * `whichSegment` (none for `missed`), the wrong name by that segment's label. What is given stays.
 * @throws MaskloomError VALUE_INVALID when it does not say which segment is meant
 */
export function resolveInstruction(
  prediction: Prediction,
  instruction: RefineInstruction,
): ResolvedInstruction {
  const read = readInstruction(instruction.say, prediction.segments, instruction.box);
  const situation = instruction.situation ?? read.situation;
  const known: ResolvedInstruction = {
    ...(situation === 'category' ? read : {}),
    ...instruction,
    situation,
  };
  if (situation === 'missed') return known;
  const segment = whichSegment(prediction, known);
  if (situation === 'mask') return { ...known, segment };
  return { ...known, segment, wrong: known.wrong ?? prediction.segments[segment]?.label ?? '' };
}
