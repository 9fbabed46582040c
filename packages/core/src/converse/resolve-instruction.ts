import { MaskloomError } from '@maskloom/masks';
import type { Prediction } from '../domain/prediction.js';
import { EDIT_SITUATIONS, type EditSituation, type Situation } from '../domain/refinement.js';
import type { RefineInstruction } from '../slots/refiner.js';
import {
  isEdit,
  isHistory,
  type ResolvedEdit,
  type ResolvedInstruction,
  type ResolvedTurn,
  type TurnInstruction,
} from './instruction.js';
import { readInstruction, type InstructionReading } from './read-instruction.js';
import { whichSegment } from './which-segment.js';
import { whichSegments } from './which-segments.js';

/**
 * Fills in what an instruction leaves open, whatever it asks for: the situation and the names by `readInstruction`, the
 * segments of edits by `whichSegments`, the segment of a refinement by `whichSegment` (none for `missed`), the wrong
 * name by that segment's label. What is given stays.
 * @throws MaskloomError INSTRUCTION_UNKNOWN when the words are not understood and no situation is given; VALUE_INVALID
 * when they do not say which segment is meant
 */
export function resolveTurn(prediction: Prediction, instruction: TurnInstruction): ResolvedTurn {
  const { say, situation: given } = instruction;
  const read = readOrHinted(prediction, instruction);
  const situation = given ?? read.situation;
  if (situation === 'undo' || situation === 'redo') return { say, situation };
  return isEditing(situation)
    ? resolveEdit(prediction, instruction, read, situation)
    : resolveRefinement(prediction, { ...instruction, situation }, read);
}

/**
 * Fills in what an instruction for a refiner leaves open: see `resolveTurn`.
 * @throws MaskloomError as `resolveTurn`; VALUE_INVALID for what needs no refiner ("delete it")
 */
export function resolveInstruction(
  prediction: Prediction,
  instruction: RefineInstruction,
): ResolvedInstruction {
  const turn = resolveTurn(prediction, instruction);
  if (!isEdit(turn) && !isHistory(turn)) return turn;
  throw new MaskloomError('VALUE_INVALID', `A refiner does not do '${turn.situation}'.`, {
    where: 'instruction.say',
    hint: 'Say it in a conversation, or to Pipeline.refine.',
  });
}

/** With a situation given, words that are not understood say nothing more. */
function readOrHinted(
  { segments }: Prediction,
  { say, box, situation }: TurnInstruction,
): InstructionReading {
  if (situation === undefined) return readInstruction(say, segments, box);
  try {
    return readInstruction(say, segments, box);
  } catch (error) {
    if (MaskloomError.is(error)) return { situation };
    throw error;
  }
}

function resolveRefinement(
  prediction: Prediction,
  {
    segments: _,
    fraction: __,
    ...instruction
  }: TurnInstruction & { readonly situation: ResolvedInstruction['situation'] },
  read: InstructionReading,
): ResolvedInstruction {
  const { situation } = instruction;
  const names =
    situation === 'category'
      ? {
          ...(read.wrong === undefined ? {} : { wrong: read.wrong }),
          ...(read.name === undefined ? {} : { name: read.name }),
        }
      : {};
  const known: ResolvedInstruction = { ...names, ...instruction };
  if (situation === 'missed') return known;
  const segment = whichSegment(prediction, known);
  if (situation === 'mask') return { ...known, segment };
  return { ...known, segment, wrong: known.wrong ?? prediction.segments[segment]?.label ?? '' };
}

function resolveEdit(
  prediction: Prediction,
  { segment, segments, ...instruction }: TurnInstruction,
  read: InstructionReading,
  situation: EditSituation,
): ResolvedEdit {
  const { say, box } = instruction;
  const name = instruction.name ?? read.name;
  const fraction = instruction.fraction ?? read.fraction;
  if (fraction !== undefined && !(fraction > 0 && Number.isFinite(fraction))) {
    throw new MaskloomError('VALUE_INVALID', `A mask cannot change by ${fraction} of its area.`, {
      where: 'instruction.fraction',
      hint: 'Give a part above 0, e.g. 0.25.',
    });
  }
  if (situation === 'rename' && (name === undefined || name.trim() === '')) {
    throw new MaskloomError('VALUE_INVALID', 'The new name is missing.', {
      where: 'instruction.name',
      hint: 'Say e.g. "call it a cross".',
    });
  }
  const words = { target: read.target ?? '', say: name === undefined ? say : '', box };
  const from =
    situation === 'keep'
      ? []
      : (segments ?? (segment === undefined ? whichSegments(prediction, words) : [segment]));
  const most = situation === 'delete' || situation === 'merge' ? Infinity : 1;
  if (from.length > most) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `${from.length} segments are meant, and '${situation}' takes one.`,
      {
        where: 'instruction',
        hint: 'Say it of one after the other.',
      },
    );
  }
  return {
    ...instruction,
    situation,
    segments: [...new Set(from)].sort((a, b) => a - b),
    ...(situation === 'rename' && name !== undefined ? { name: name.trim() } : {}),
    ...(fraction === undefined ? {} : { fraction }),
  };
}

function isEditing(situation: Situation): situation is EditSituation {
  return (EDIT_SITUATIONS as readonly Situation[]).includes(situation);
}
