import { MaskloomError } from '@maskloom/masks';
import type { Box } from '../domain/frames.js';
import type { Prediction, Segment } from '../domain/prediction.js';
import { overlapOfBoxes } from '../domain/box-overlap.js';
import { spaced } from './words.js';

/** What says which segments an edit is about. */
export interface TargetHints {
  /** The words for what is meant, e.g. `both rings` or `it`. */
  readonly target: string;
  /** The whole instruction: a thing that is named elsewhere in it is what `it` means. */
  readonly say: string;
  /** Where it is. */
  readonly box?: Box<'ImagePx'> | undefined;
}

const FILLERS = new Set(
  'a an this that these those it its they them of with and to into together one ones thing things object objects segment segments mask masks number no please thanks thank you the is are here there in on at box picture image now both all every everything each me my two three left leftmost right rightmost top topmost upper bottom lower largest biggest smallest large big small tiny lowest highest'.split(
    ' ',
  ),
);
const ALL = /\b(?:all|every|everything|each|both)\b/iu;
const EXCEPT = /\b(?:except|but|apart from|other than)\b(?: for)?/iu;

/** How a position word orders segments: the first is meant. */
const PLACES: readonly (readonly [RegExp, (segment: Segment) => number])[] = [
  [/\b(?:left|leftmost)\b/iu, ({ bbox }) => bbox[0] + bbox[2] / 2],
  [/\b(?:right|rightmost)\b/iu, ({ bbox }) => -bbox[0] - bbox[2] / 2],
  [/\b(?:top|topmost|upper|highest)\b/iu, ({ bbox }) => bbox[1] + bbox[3] / 2],
  [/\b(?:bottom|lower|lowest)\b/iu, ({ bbox }) => -bbox[1] - bbox[3] / 2],
  [/\b(?:largest|biggest|large|big)\b/iu, ({ area }) => -area],
  [/\b(?:smallest|small|tiny)\b/iu, ({ area }) => area],
];

/**
 * Which segments an edit means. Nothing is guessed: every word must be accounted for.
 *
 * - numbers count from 0 ("segment 2", "0 and 1"); "all", "both" and "everything" mean what they say, with "except";
 * - names, or words of names, plurals too; of several with that name the place or size in the words ("the left ring",
 *   "the smallest one"), the given box, or the one changed last decides;
 * - "it", "this" or nothing: what is in the box, else what is named elsewhere in the words, else the one changed last,
 *   else the only one; "these", "them": what is in the box, else all when there are two.
 * @returns indices, rising, each once; at least one
 * @throws MaskloomError VALUE_INVALID when it is not clear which are meant, naming what there is
 */
export function whichSegments(prediction: Prediction, hints: TargetHints): readonly number[] {
  const { segments } = prediction;
  if (segments.length === 0) throw unclear(prediction, 'There is no segment to change.');
  const [wanted = '', excluded] = hints.target.split(EXCEPT);
  if (excluded !== undefined && ALL.test(wanted)) {
    const spared = named(prediction, { ...hints, target: excluded }) ?? [];
    if (spared.length === 0) throw unclear(prediction, `It is not clear what '${excluded.trim()}' is.`);
    return sorted(
      [...segments.keys()].filter((i) => !spared.includes(i)),
      prediction,
    );
  }
  return sorted(named(prediction, hints) ?? pointed(prediction, hints), prediction);
}

function sorted(found: readonly number[], prediction: Prediction): readonly number[] {
  if (found.length === 0) throw unclear(prediction, 'Nothing is left to change.');
  return [...new Set(found)].sort((a, b) => a - b);
}

/** What the target's own words name; undefined when they name nothing. */
function named(prediction: Prediction, { target, box }: TargetHints): readonly number[] | undefined {
  const { segments } = prediction;
  const numbers = [...target.matchAll(/(?<![\p{L}\p{N}])#?(\d+)(?![\p{L}\p{N}%])/gu)].map(([, n]) =>
    Number(n),
  );
  const byNumber = numbers.filter((n) => !segments.some(({ label }) => spaced(label).includes(` ${n} `)));
  for (const n of byNumber) if (n >= segments.length) throw unclear(prediction, `There is no segment ${n}.`);
  const [labels, rest] = labelsIn(target, segments);
  const unknown = rest.filter((word) => !FILLERS.has(word) && !/^\d+$/u.test(word));
  if (unknown.length > 0) throw unclear(prediction, `There is no '${unknown.join(' ')}'.`);
  const found = [...byNumber, ...labels.flatMap((one) => ofLabel(prediction, one, target, box))];
  if (found.length > 0) return [...found, ...(/\b(?:it|this)\b/iu.test(target) ? lastOne(prediction) : [])];
  const every = [...segments.keys()];
  if (/\bboth\b/iu.test(target)) return every.length === 2 ? every : undefined;
  if (ALL.test(target)) return every;
  const placed = PLACES.find(([pattern]) => pattern.test(target));
  return placed === undefined ? undefined : first(every, segments, placed[1]);
}

interface NamedLabel {
  readonly label: string;
  readonly plural: boolean;
}

/** The labels that words name, longest first, and the words that are left. */
function labelsIn(
  target: string,
  segments: readonly Segment[],
): readonly [labels: readonly NamedLabel[], rest: readonly string[]] {
  let words = spaced(target);
  const found: NamedLabel[] = [];
  const labels = [...new Set(segments.map(({ label }) => spaced(label).trim()))].filter((one) => one !== '');
  const take = (form: string, label: string, plural: boolean): void => {
    if (!words.includes(` ${form} `)) return;
    words = words.split(` ${form} `).join(' , ');
    found.push({ label, plural });
  };
  const forms = (name: string, label: string): void => {
    take(name, label, false);
    for (const end of ['s', 'es']) take(`${name}${end}`, label, true);
  };
  const byLength = labels.sort((a, b) => b.length - a.length);
  for (const label of byLength) forms(label, label);
  // "the star" for a red star: the last word of a name, where only one label ends so.
  for (const label of byLength.filter((one) => one.includes(' '))) {
    const head = label.split(' ').at(-1) ?? '';
    if (labels.filter((one) => one.split(' ').at(-1) === head).length === 1) forms(head, label);
  }
  return [found, words.split(/[ ,]+/u).filter((word) => word !== '')];
}

function ofLabel(
  prediction: Prediction,
  { label, plural }: NamedLabel,
  target: string,
  box: TargetHints['box'],
): readonly number[] {
  const { segments } = prediction;
  const own = [...segments.keys()].filter((i) => spaced(segments[i]?.label ?? '').trim() === label);
  if (own.length < 2 || plural || ALL.test(target)) return own;
  const placed = PLACES.find(([pattern]) => pattern.test(target.replaceAll(label, ' ')));
  if (placed !== undefined) return first(own, segments, placed[1]);
  const inBox =
    box === undefined
      ? []
      : first(
          own.filter((i) => touches(segments[i], box) > 0),
          segments,
          (one) => -touches(one, box),
        );
  if (inBox.length > 0) return inBox;
  const last = lastOne(prediction).filter((i) => own.includes(i));
  if (last.length > 0) return last;
  throw unclear(prediction, `Which of ${own.length} segments called '${label}' is meant?`);
}

/** What "it", "these" or nothing points at. */
function pointed(prediction: Prediction, { target, say, box }: TargetHints): readonly number[] {
  const { segments } = prediction;
  const every = [...segments.keys()];
  const several = /\b(?:these|they|them|those)\b/iu.test(target);
  if (box !== undefined) {
    const inside = every.filter((i) => touches(segments[i], box) > 0);
    const best = first(inside, segments, (one) => -touches(one, box));
    if (best.length > 0) return several ? inside.filter((i) => liesIn(segments[i], box)) : best;
  }
  if (several && every.length === 2) return every;
  const [labels] = labelsIn(say, segments);
  if (!several && labels.length === 1) return labels.flatMap((label) => ofLabel(prediction, label, say, box));
  const last = lastOne(prediction);
  if (!several && last.length > 0) return last;
  if (every.length === 1) return every;
  throw unclear(prediction, `Which of ${every.length} segments ${several ? 'are' : 'is'} meant?`);
}

function lastOne({ refinement, segments }: Prediction): readonly number[] {
  const last = refinement?.segment;
  return last === undefined || last >= segments.length ? [] : [last];
}

function first(
  indices: readonly number[],
  segments: readonly Segment[],
  order: (segment: Segment) => number,
): readonly number[] {
  const at = (i: number): number => {
    const segment = segments[i];
    return segment === undefined ? Infinity : order(segment);
  };
  return [...indices].sort((a, b) => at(a) - at(b) || a - b).slice(0, 1);
}

function touches(segment: Segment | undefined, box: Box<'ImagePx'>): number {
  return segment === undefined ? 0 : overlapOfBoxes(segment.bbox, box);
}

/** Whether the middle of a segment's box lies in the box. */
function liesIn(segment: Segment | undefined, { x, y, width, height }: Box<'ImagePx'>): boolean {
  const [left = 0, top = 0, across = 0, down = 0] = segment?.bbox ?? [];
  const [cx, cy] = [left + across / 2, top + down / 2];
  return cx >= x && cx <= x + width && cy >= y && cy <= y + height;
}

function unclear({ segments }: Prediction, message: string): MaskloomError {
  const list = segments.map(({ label }, i) => `${i}: ${label}`).join(', ');
  return new MaskloomError('VALUE_INVALID', message, {
    where: 'instruction',
    hint:
      segments.length === 0
        ? 'Say what was missed, with a box around it.'
        : `Name one (${list}) by its number, by segment or by a box.`,
  });
}
