import type { Box } from '../domain/frames.js';
import type { Segment } from '../domain/prediction.js';
import type { RefineSituation } from '../domain/refinement.js';
import { overlapOfBoxes } from './box-overlap.js';

/** What an instruction's words say, as far as rules can tell. */
export interface InstructionReading {
  /** What is wrong. */
  readonly situation: RefineSituation;
  /** The name that is said to be wrong, when one is said. */
  readonly wrong?: string;
  /** The name that is said to be right, when one is said. */
  readonly name?: string;
}

/** A box that overlaps no segment's box by more than this points at something without a segment. */
export const UNTOUCHED = 0.1;

const NAME = String.raw`(?:an? |the )?([a-z0-9][a-z0-9' -]*?)`;
const END = String.raw`(?= here\b| is\b| and\b| but\b| it\b|[,.;:!?]|$)`;
const WRONG = [
  String.raw`\b(?:is|was|are) (?:not|no) ${NAME}${END}`,
  String.raw`\b(?:isn't|isnt|wasn't|aren't) ${NAME}${END}`,
  String.raw`(?:^|[,.;:] )(?:not|no) ${NAME}${END}`,
  String.raw`\byou said ${NAME}${END}`,
  String.raw`(?<!\bbe )\b(?:wrongly |falsely )?(?:predicted|named|called|labelled|labeled) (?:as )?${NAME}${END}`,
  String.raw`\bthe (?:name|category|label|class) ${NAME} is wrong`,
  String.raw`(?:^|[,.;:] )${NAME} is (?:the|a) wrong (?:name|category|label|class)`,
].map((text) => new RegExp(text, 'g'));
const RIGHT = new RegExp(
  String.raw`\b(?:it is|it's|this is|that is|but|should be(?: called| named| labelled| labeled)?|really|actually|call it|name it) ${NAME}${END}`,
  'g',
);
/** Ways to say a right name without saying which one is wrong. */
const RENAMES = [
  String.raw`\b(?:call it|name it|rename (?:it |this |that )?(?:to |as )?) *${NAME}${END}`,
  String.raw`\b(?:name|category|label|class) (?:should be|to|must be) ${NAME}${END}`,
  String.raw`\bshould be (?:called |named |labelled |labeled |an? )${NAME}${END}`,
  String.raw`\b(?:is|it's) (?:actually|really|in fact) an? ${NAME}${END}`,
  String.raw`^no[,.;:]? (?:it is|it's|this is|that is) an? ${NAME}${END}`,
].map((text) => new RegExp(text, 'g'));
const WRONG_NAME =
  /\b(?:wrong (?:name|category|label|class)|(?:name|category|label|class) is (?:wrong|false|not right)|rename)\b/;
/** Words that follow "is not" in talk about a mask, not about a name. */
const NO_NAME =
  /^(?:(?:right|correct|wrong|false|complete|whole|entire|all|enough|good|fine|ok|covered|there|found|quite|what|again|it|masks?)\b|(?:big|large|small|tight|full|on|in)(?: enough)?$)/;
const MASK_TALK =
  /\b(?:incomplete|holes?|parts?|pieces?|half|too (?:large|big|small|wide|much|little)|whole|entire|all of it|edges?|borders?|redraw|again|better|fit|spills?|cut off)\b/;
const MISSED_TALK =
  /\b(?:add|missed|missing|overlooked|forgot|forgotten|skipped|not found|(?:without a|has no|no) mask|one more|another|in (?:the|this|that) (?:box|place|region|area))\b/;

/**
 * Reads the situation from an instruction's words, by these rules in this order:
 *
 * 1. `category`: a name is said to be wrong ("this is not a ring", "you said ring", "wrong name"), or what it should be
 *    ("call it a cross", "no, it is a cross", "it should be a cross"). Names are looked for behind "is not a", "isn't",
 *    "you said", "called"; words such as "right", "complete" or "mask" are no names.
 * 2. `mask`: the words are about a mask's shape ("incomplete", "holes", "too small", "a part", "again").
 * 3. `missed`: something is said to be without a mask ("missed", "missing", "in this box").
 * 4. `missed`, when a box is given that no segment touches (box IoU at most {@link UNTOUCHED}).
 * 5. `mask` otherwise.
 * @param words - the instruction
 * @param segments - what was found so far
 * @param box - where the instruction points, when it does
 */
export function readInstruction(
  words: string,
  segments: readonly Pick<Segment, 'bbox' | 'label'>[],
  box?: Box<'ImagePx'>,
): InstructionReading {
  const text = words.toLowerCase().replaceAll('’', "'").replace(/\s+/g, ' ').trim();
  const wrong = firstName(text, WRONG);
  if (wrong !== undefined || WRONG_NAME.test(text)) {
    // "not a ring but a cross", or "a cross, not a ring".
    const name =
      firstName(text, RENAMES)?.name ??
      firstName(text, [RIGHT], wrong?.end ?? 0)?.name ??
      firstName(text.slice(0, wrong?.start ?? 0), [RIGHT])?.name;
    return {
      situation: 'category',
      ...(wrong === undefined ? {} : { wrong: wrong.name }),
      ...(name === undefined || name === wrong?.name ? {} : { name }),
    };
  }
  const name = firstName(text, RENAMES)?.name;
  if (name !== undefined) return { situation: 'category', name };
  if (MASK_TALK.test(text)) return { situation: 'mask' };
  if (MISSED_TALK.test(text)) return { situation: 'missed' };
  if (box !== undefined && !segments.some(({ bbox }) => overlapOfBoxes(bbox, box) > UNTOUCHED))
    return { situation: 'missed' };
  return { situation: 'mask' };
}

/** The first name that one of the patterns finds at or after `from`. */
function firstName(
  text: string,
  patterns: readonly RegExp[],
  from = 0,
): { readonly name: string; readonly start: number; readonly end: number } | undefined {
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const name = (match[1] ?? '').trim();
      if (match.index < from || name === '' || name.split(' ').length > 4 || NO_NAME.test(name)) continue;
      return { name, start: match.index, end: match.index + match[0].length };
    }
  }
  return undefined;
}
