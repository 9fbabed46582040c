import { MaskloomError } from '@maskloom/masks';
import type { Box } from '../domain/frames.js';
import type { Segment } from '../domain/prediction.js';
import type { Situation } from '../domain/refinement.js';
import { overlapOfBoxes } from '../domain/box-overlap.js';
import { readActs, type ActReading } from './read-act.js';
import { readNames, saysNameIsWrong, takesNameAway } from './read-names.js';
import { notUnderstood } from './sayable.js';
import { clausesOf, spaced, tidy } from './words.js';

/** What an instruction's words say, as far as rules can tell. */
export interface InstructionReading {
  /** What is meant. */
  readonly situation: Situation | 'undo' | 'redo';
  /** The name that is said to be wrong, when one is said. */
  readonly wrong?: string;
  /** The name that is said to be right, when one is said. */
  readonly name?: string;
  /** For edits: the words that say what it is done to. */
  readonly target?: string;
  /** For `larger` and `smaller`, when it is said: by which part of the area. */
  readonly fraction?: number;
}

/** A box that overlaps no segment's box by more than this points at something without a segment. */
export const UNTOUCHED = 0.1;

const PARTS =
  /\b(?:holes?|parts?|pieces?|bits?|half|halves|edges?|borders?|pixels?|spots?|specks?|corners?|sides?|tips?|too much|background|from the mask|shadow|spill|excess|extra)\b/iu;
const MASK_TALK =
  /\b(?:incomplete|holes?|parts?|pieces?|half|too (?:wide|narrow|much|little|long|short|thin|thick|tight|loose|rough|coarse)|whole|entire|all of it|edges?|borders?|boundary|outline|redraw|draw (?:it|this|that|the mask) again|draw this mask again|look again|try again|again|better|fits?|spills?|leaks?|cut off|sloppy|bad|poor|rough|inaccurate|imprecise|refine|improve|fix|(?:mask|it|this|that|shape)(?: is|'s| was) (?:not (?:quite )?(?:right|good|fine|correct|complete|ok|enough)|wrong|off))\b/iu;
const MASK_IS_NOT = /^the mask is not$/iu;
const MISSED_TALK =
  /\b(?:add|missed|missing|overlooked|forgot|forgotten|skipped|not found|(?:without a|has no|no) mask|one more|another|in (?:the|this|that) (?:box|place|region|area))\b/iu;
const POINTING = /\b(?:here|look|this|that|see|find|show|segment|draw|what)\b/iu;

/**
 * Reads what an instruction asks for, by these rules in this order. They know English; a form must be whole where
 * something is taken away, made one or named, so that nothing is done that was not said.
 *
 * 1. `undo`, `redo`, `delete`, `merge`, `larger`, `smaller`: a clause asks for it ("delete the ring", "they are the
 *    same object", "make it 10 % larger", "too small"). Of several only the same one may be asked for. What is said of a
 *    part ("remove the holes") or of the fit is about the mask.
 * 2. `category`: a name is said to be wrong ("this is not a ring", "you said ring", "wrong name").
 * 3. `rename`: a clause gives a name outright ("call it X", "this is a X", "rename it to X", "the label should be X").
 * 4. `mask`: the words are about a mask's shape ("incomplete", "holes", "redraw it", "again").
 * 5. `missed`: something is said to be without a mask ("missed", "missing", "in this box").
 * 6. With a box, words that point ("look here"): `missed` where no segment touches the box (box IoU at most
 *    {@link UNTOUCHED}), else `mask`.
 * 7. `keep`: nothing but thanks or approval.
 * @param words - the instruction
 * @param segments - what was found so far
 * @param box - where the instruction points, when it does
 * @throws MaskloomError INSTRUCTION_UNKNOWN, listing what can be said; VALUE_INVALID when it is too long, or asks for a
 * name to be taken away
 */
export function readInstruction(
  words: string,
  segments: readonly Pick<Segment, 'bbox' | 'label'>[],
  box?: Box<'ImagePx'>,
): InstructionReading {
  const text = tidy(words);
  if (takesNameAway(text)) {
    throw new MaskloomError('VALUE_INVALID', 'A mask cannot be without a name.', {
      where: 'instruction.say',
      hint: 'To remove the object, say "delete it"; to give another name, "call it X".',
    });
  }
  const acts = readActs(text).filter((act) => !isOfPart(act, text, segments));
  const names = readNames(text, segments);
  const outright = names.wrong === undefined && names.name !== undefined;
  const [act, other] = acts;
  if (act !== undefined && act.situation !== 'keep') {
    const second = other?.situation ?? (outright && isSize(act) ? 'rename' : undefined);
    if (second !== undefined)
      throw notUnderstood(words, `Two things are asked for: '${act.situation}' and '${second}'.`);
    return { ...act };
  }
  if (names.wrong !== undefined || (!outright && saysNameIsWrong(text)))
    return { ...names, situation: 'category' };
  if (outright) return { ...names, situation: 'rename' };
  if (act !== undefined) return { situation: 'keep' };
  if (MASK_TALK.test(text) || clausesOf(text).some((clause) => MASK_IS_NOT.test(clause)))
    return { situation: 'mask' };
  if (MISSED_TALK.test(text)) return { situation: 'missed' };
  if (box !== undefined && POINTING.test(text)) {
    const touched = segments.some(({ bbox }) => overlapOfBoxes(bbox, box) > UNTOUCHED);
    return { situation: touched ? 'mask' : 'missed' };
  }
  throw notUnderstood(words);
}

function isSize({ situation }: ActReading): boolean {
  return situation === 'larger' || situation === 'smaller';
}

/** Whether an act is about a part of a mask, or about how it fits: a refiner draws it again. */
function isOfPart(act: ActReading, text: string, segments: readonly Pick<Segment, 'label'>[]): boolean {
  if (isSize(act)) return /\bfits?\b/iu.test(text);
  if (act.situation !== 'delete') return false;
  const labels = segments.map(({ label }) => spaced(label).trim()).filter((label) => label !== '');
  const rest = labels.reduce((left, label) => left.split(` ${label} `).join(' '), spaced(text));
  return PARTS.test(rest);
}
