import { clausesOf } from './words.js';

/** What can be done without any model, besides naming. */
export type Act = 'larger' | 'smaller' | 'delete' | 'merge' | 'keep' | 'undo' | 'redo';

/** An act that the words ask for. */
export interface ActReading {
  readonly situation: Act;
  /** The words that say what it is done to, '' when none do. */
  readonly target: string;
  /** For `larger` and `smaller`, when it is said: by which part of the area. */
  readonly fraction?: number;
}

const DEGREE = String.raw`((?:(?:just |only )?(?:an? (?:little(?: bit)?|bit|lot|tiny bit)|slightly|much|far|way|somewhat|even|\d{1,3} ?(?:%|percent))|by \d{1,3} ?(?:%|percent)) )?`;
const LARGER = '(?:larger|bigger)';
const SMALLER = '(?:smaller)';
const SHOULD = String.raw`(?:should|must|needs to|has to|have to|ought to|could)`;
const GONE = String.raw`(?:deleted|removed|erased|dropped|discarded|gone|taken (?:out|away))`;
const BY = String.raw`(?: (by \d{1,3} ?(?:%|percent)))?`;
const TOO = String.raw`(?:(.*?) ?(?:is|are|was|looks|seems|'s) )?(?:still |really |also )?(an? (?:little(?: bit)?|bit|lot) |slightly |much |far |way )?too`;

/** Per act: forms of a whole clause, the target as group 1 and the degree as group 2 (and 3). */
const FORMS: readonly (readonly [Act, readonly string[]])[] = [
  [
    'undo',
    [
      String.raw`undo(?: (?:it|that|this|the last (?:one|turn|step|change|thing)))?`,
      String.raw`(?:go|step) back(?: one (?:step|turn))?`,
      String.raw`(?:take|put) (?:it|that|this) back`,
      String.raw`revert(?: (?:it|that|this|the last (?:one|turn|step|change)))?`,
    ],
  ],
  ['redo', [String.raw`redo(?: (?:it|that|this|the last (?:one|turn|step|change|thing)))?`]],
  [
    'delete',
    [
      String.raw`(?:delete|remove|erase|drop|discard|get rid of|throw (?:away|out)|take (?:away|out))\b ?(.*)`,
      String.raw`(?:take|throw) (.{1,80}?) (?:out|away)`,
      String.raw`(.*?) ${SHOULD} (?:be ${GONE}|go(?: away)?|not be (?:here|there)|not exist)`,
      String.raw`(.*?) (?:shouldn't|mustn't) (?:be (?:here|there)|exist)`,
      String.raw`(.*?) (?:does not|doesn't|do not|don't) belong(?: (?:here|there))?`,
      String.raw`there (?:should|must) (?:not be|be no) (?:an? |any )?(.*)`,
    ],
  ],
  [
    'merge',
    [
      String.raw`(?:merge|join|combine|unite|fuse|put together)\b ?(.*)`,
      String.raw`(.*?) (?:are|is) (?:really |actually |all )*(?:one(?: and the same)?|the same|a single)(?: (?:thing|object|one|segment))?`,
      String.raw`(.*?) (?:belongs? together|${SHOULD} be (?:merged|joined|combined|together|one(?: (?:thing|object|segment))?))`,
    ],
  ],
  [
    'larger',
    [
      String.raw`make (.*?) ?${DEGREE}${LARGER}${BY}`,
      String.raw`make (.*?) (twice) as (?:large|big)`,
      String.raw`(?:enlarge|grow|expand|dilate)\b ?(.*?)${BY}`,
      String.raw`(.*?) ${SHOULD} be ${DEGREE}${LARGER}${BY}`,
      String.raw`()${DEGREE}${LARGER}${BY}`,
      String.raw`${TOO} small`,
    ],
  ],
  [
    'smaller',
    [
      String.raw`make (.*?) ?${DEGREE}${SMALLER}${BY}`,
      String.raw`make (.*?) (half) (?:as (?:large|big)|the size)`,
      String.raw`(?:shrink|reduce|erode)\b ?(.*?)${BY}`,
      String.raw`(.*?) ${SHOULD} be ${DEGREE}${SMALLER}${BY}`,
      String.raw`()${DEGREE}${SMALLER}${BY}`,
      String.raw`${TOO} (?:large|big)`,
    ],
  ],
  [
    'keep',
    [
      String.raw`(?:(?:many )?thanks|thank you|cheers)(?: (?:very much|a lot|so much|again))?`,
      String.raw`(?:perfect|great|excellent|good|fine|nice|ok|okay|yes|correct|right|done|wonderful|lovely|(?:good|nice|great) (?:job|work|one)|well done|all (?:good|right)|alright)`,
      String.raw`(?:that|this|it|everything|all|they|these|the (?:mask|result|rest|segmentation|name|label)s?)(?: is| are|'s| looks| look| seems) (?:(?:all|very|quite|just|now|perfectly) )*(?:fine|good|ok|okay|right|correct|perfect|great|nice|excellent|alright|done)(?: (?:now|enough|as it is|like (?:this|that)))?`,
      String.raw`(?:keep|leave) (?:it|this|that|them|everything|all(?: of (?:it|them))?|the (?:mask|result|rest)s?)(?: (?:like (?:this|that)|(?:just )?as (?:it is|they are)|alone|all))?`,
      String.raw`i(?: am|'m) (?:happy|satisfied|done|content)(?: with .{1,60})?`,
      String.raw`(?:no(?: more| further)? changes?|change nothing|nothing(?: (?:else|more))?(?: to (?:change|do|add))?|do nothing)`,
      String.raw`(?:do not|don't|never) (?:change|touch|delete|remove|merge|rename|redraw|move|alter)\b.*`,
    ],
  ],
];
const ACTS = FORMS.map(
  ([act, forms]) => [act, forms.map((form) => new RegExp(`^(?:${form})$`, 'iu'))] as const,
);

/**
 * The acts that an instruction asks for, clause by clause: what says something to keep gives way to what says more, a
 * clause that only names further things belongs to the act before it.
 * @returns each act once, in the order said; `keep` alone when nothing else is said at all
 */
export function readActs(text: string): readonly ActReading[] {
  const found: ActReading[] = [];
  let others = 0;
  for (const clause of clausesOf(text)) {
    const read = actOf(clause);
    const last = found.at(-1);
    if (
      read === undefined &&
      last !== undefined &&
      last.situation !== 'keep' &&
      /^(?:the\b|\d|#)/iu.test(clause) &&
      !/\b(?:is|are|was|has)\b/iu.test(clause)
    )
      found.splice(-1, 1, { ...last, target: `${last.target} and ${clause}` });
    else if (read === undefined) others++;
    else add(found, read);
  }
  const acts = found.filter(({ situation }) => situation !== 'keep');
  return acts.length > 0 || others > 0 ? acts : found.slice(0, 1);
}

/** One act said twice ("it is too small, make it larger") is one. */
function add(found: ActReading[], read: ActReading): void {
  const at = found.findIndex(({ situation }) => situation === read.situation);
  const before = found[at];
  if (before === undefined) found.push(read);
  else
    found.splice(at, 1, {
      ...before,
      ...read,
      target: [before.target, read.target].filter((target) => target !== '').join(' and '),
    });
}

function actOf(clause: string): ActReading | undefined {
  for (const [situation, forms] of ACTS) {
    for (const form of forms) {
      const match = form.exec(clause);
      if (match === null) continue;
      const [, target = '', ...degrees] = match;
      const fraction = fractionOf(degrees.join(' '));
      return { situation, target, ...(fraction === undefined ? {} : { fraction }) };
    }
  }
  return undefined;
}

/** By how much: a bit is a tenth of the area, much is a half. */
function fractionOf(degree: string): number | undefined {
  const percent = /(\d{1,3}) ?(?:%|percent)/iu.exec(degree)?.[1];
  if (percent !== undefined) return Number(percent) / 100;
  if (/twice/iu.test(degree)) return 1;
  if (/half|lot|much|far|way/iu.test(degree)) return 0.5;
  return /bit|little|slightly/iu.test(degree) ? 0.1 : undefined;
}
