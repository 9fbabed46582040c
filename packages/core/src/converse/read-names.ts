import type { Segment } from '../domain/prediction.js';
import { clausesOf, spaced } from './words.js';

/** What the words say about names. */
export interface NameReading {
  /** The name that is said to be wrong. */
  readonly wrong?: string;
  /** The name that is said to be right. */
  readonly name?: string;
  /** The words that say which segment the right name is for, where the name is given outright. */
  readonly target?: string;
}

const NAME = String.raw`(?:an? |the )?([\p{L}\p{N}][\p{L}\p{N}' -]{0,59}?)`;
const END = String.raw`(?= here(?![\p{L}\p{N}])| is | and | but | it |[,.;:!?]|$)`;
const B = String.raw`(?<![\p{L}\p{N}])`;
const every = (texts: readonly string[]): readonly RegExp[] => texts.map((text) => new RegExp(text, 'giu'));

/** Forms whose article, or whose words, leave no doubt that a name follows. */
const WRONG = every([
  String.raw`${B}(?:is|was|are) (?:not|no)(?= an? | the )${' '}${NAME}${END}`,
  String.raw`${B}(?:isn't|isnt|wasn't|aren't)(?= an? | the )${' '}${NAME}${END}`,
  String.raw`(?:^|[,.;:] )not(?= an? | the )${' '}${NAME}${END}`,
  String.raw`${B}(?:this|that|it) is no ${NAME}${END}`,
  String.raw`${B}there (?:is|was) no ${NAME}(?= here(?![\p{L}\p{N}]))`,
  String.raw`${B}you said ${NAME}${END}`,
  String.raw`${B}(?<!\bbe )(?:wrongly |falsely )?(?:predicted|named|called|labelled|labeled) (?:as )?${NAME}${END}`,
  String.raw`${B}the (?:name|category|label|class) ${NAME} is wrong`,
  String.raw`(?:^|[,.;:] )${NAME} is (?:the|a) wrong (?:name|category|label|class)`,
]);
/** Forms in which a name counts only when something is called so: "this is not ring", but not "this is not nice". */
const WRONG_IF_KNOWN = every([
  String.raw`${B}(?:is|was|are) (?:not|no) ${NAME}${END}`,
  String.raw`${B}(?:isn't|isnt|wasn't|aren't) ${NAME}${END}`,
  String.raw`(?:^|[,.;:] )(?:not|no) ${NAME}${END}`,
]);
/** Behind or before a wrong name: the right one. */
const INSTEAD = every([
  String.raw`${B}(?:it is|it's|this is|that is|but|should be(?: called| named| labelled| labeled)?|really|actually|call it|name it) ${NAME}${END}`,
]);

const IT = String.raw`(it|this(?: one)?|that(?: one)?|these|them|segment \d+|#\d+)`;
const THE = String.raw`(the .{1,60}?)`;
const LABEL = '(?:name|category|label|class)';
const PLAIN = String.raw`([\p{L}\p{N}][\p{L}\p{N}' -]{0,59})`;
const clauseForms = (forms: readonly string[]): readonly RegExp[] =>
  forms.map((form) => new RegExp(`^(?:${form})$`, 'iu'));
/** Commands to name something, a whole clause each: target, then name. Nearly any words can be that name. */
const COMMANDS = clauseForms([
  String.raw`(?:call|name|label) ${IT} (?:as )?(?:an? |the )?${PLAIN}`,
  String.raw`(?:call|name|label) ${THE} (?:an?|as) (?:an? )?${PLAIN}`,
  String.raw`rename (?:${IT} )?(?:to |as |into )(?:an? |the )?${PLAIN}`,
  String.raw`rename ${IT} (?:an? |the )?${PLAIN}`,
  String.raw`rename ${THE} (?:to|as|into) (?:an? |the )?${PLAIN}`,
  String.raw`change (?:the |its |this |that )?${LABEL}(?: of (.{1,60}?))? (?:to|into) (?:an? |the )?${PLAIN}`,
]);
/** Statements that give a name, likewise; words of talk about masks are no names here. */
const STATEMENTS = clauseForms([
  String.raw`(?:the |its |this |that )?${LABEL}(?: of (.{1,60}?))? (?:should be|must be|ought to be) (?:an? |the )?${PLAIN}`,
  String.raw`(?:${IT}|${THE}) should be (?:called |named |labelled |labeled |an? )(?:an? )?${PLAIN}`,
  String.raw`(?:${IT}|${THE})(?: is|'s| was) (?:actually |really |in fact |clearly |just )*an? ${PLAIN}`,
]);
/** What follows "call it" and is no name. */
const NO_COMMAND = /^(?:something|anything|nothing|what|whatever|again|it|this|that|by|as)(?![\p{L}\p{N}])/iu;

const NAME_IS_WRONG =
  /\b(?:wrong (?:name|category|label|class)|(?:name|category|label|class) is (?:wrong|false|not (?:right|correct))|(?:name|category|label|class) (?:should|must|needs to|has to) be (?:changed|corrected|fixed|different|another(?: one)?|something else)|(?:call|name) (?:it|this|that) something else|(?:another|a different|a new) name)\b/iu;
/** "the label should be removed", "delete the name": a mask has no name taken from it. */
const NAME_TAKEN_AWAY = new RegExp(
  String.raw`^(?:(?:delete|remove|erase|drop|clear|get rid of) (?:the |its |this |that |all )?${LABEL}s?(?: of .{1,60})?|(?:the |its |this |that )?${LABEL}s?(?: of .{1,60}?)? (?:should|must|needs to|has to) (?:be (?:removed|deleted|erased|dropped|cleared|gone|empty|hidden|taken (?:away|off))|go(?: away)?))$`,
  'iu',
);
const TALK =
  'mask|masks|segment|object|thing|things|one|it|this|that|mess|mistake|error|problem|shame|pity|joke|question|test|part|parts|piece|pieces|hole|holes|half|bit|lot|little|too|very|more|less|not|no|here|there|again|please|right|correct|wrong|false|bad|good|better|worse|nice|great|poor|terrible|perfect|fine|ok|okay|complete|incomplete|whole|entire|all|enough|covered|found|quite|what|larger|smaller|bigger|changed|corrected|fixed|different|other|another|something|nothing|anything|unknown|removed|deleted|erased|dropped|cleared|hidden|shown|kept|moved|updated|improved|edited|empty|gone|missing|big|large|small|tight|full';
/** Words of talk about masks: a name has none of them, unless something is called so. */
const NO_NAME = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${TALK})(?![\p{L}\p{N}])`, 'iu');
/** Adjectives of size are parts of names ("small cross"), not names. */
const SIZE = /^(?:big|large|small|tight|full|little) (?=\p{L})/iu;

/** Whether the words ask for a name to be taken away, which nothing can do. */
export function takesNameAway(text: string): boolean {
  return clausesOf(text).some((clause) => NAME_TAKEN_AWAY.test(clause));
}

/** Whether the words say that a name is wrong, without saying which. */
export function saysNameIsWrong(text: string): boolean {
  return NAME_IS_WRONG.test(text);
}

/**
 * The names that an instruction says to be wrong and right.
 * @param segments - what was found: their names are known
 */
export function readNames(text: string, segments: readonly Pick<Segment, 'label'>[]): NameReading {
  const known = (name: string): boolean =>
    segments.some(({ label }) => spaced(label).includes(spaced(name)) && spaced(name).trim() !== '');
  const given = givenName(text, known);
  const wrong = firstName(text, WRONG, known) ?? firstName(text, WRONG_IF_KNOWN, (name) => known(name), true);
  if (wrong === undefined) return given ?? {};
  // "not a ring but a cross", or "a cross, not a ring".
  const name =
    given?.name ??
    firstName(text, INSTEAD, known, false, wrong.end)?.name ??
    firstName(text.slice(0, wrong.start), INSTEAD, known)?.name;
  return {
    wrong: wrong.name,
    ...(name === undefined || name.toLowerCase() === wrong.name.toLowerCase() ? {} : { name }),
  };
}

function givenName(
  text: string,
  known: (name: string) => boolean,
): { readonly name: string; readonly target: string } | undefined {
  for (const clause of clausesOf(text)) {
    for (const form of [...COMMANDS, ...STATEMENTS]) {
      const groups = form.exec(clause)?.slice(1);
      const name = groups?.at(-1)?.trim() ?? '';
      const isCommand = COMMANDS.includes(form);
      if (groups === undefined || (isCommand ? NO_COMMAND.test(name) : !isName(name, known))) continue;
      return { name, target: groups.slice(0, -1).find((group) => group !== undefined) ?? '' };
    }
  }
  return undefined;
}

interface FoundName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The first name that one of the patterns finds at or after `from`. */
function firstName(
  text: string,
  patterns: readonly RegExp[],
  known: (name: string) => boolean,
  onlyKnown = false,
  from = 0,
): FoundName | undefined {
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const name = (match[1] ?? '').trim();
      if (match.index < from || (onlyKnown ? !known(name) : !isName(name, known))) continue;
      return { name, start: match.index, end: match.index + match[0].length };
    }
  }
  return undefined;
}

function isName(name: string, known: (name: string) => boolean): boolean {
  if (name === '' || name.split(' ').length > 4) return false;
  return known(name) || !NO_NAME.test(name.replace(SIZE, ''));
}
