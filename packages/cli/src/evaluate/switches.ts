import { MaskloomError, suggest } from '@maskloom/core';
import type { EvalSwitches } from '@maskloom/eval';

/** Switches as the command names them: what each turns on. */
const NAMED: Readonly<Record<string, Partial<EvalSwitches>>> = {
  summedPolygons: { summedPolygons: true },
  referenceEpsilons: { referenceEpsilons: true },
  emptyUnionIsZero: { emptyUnionIsOne: false },
  allTexts: { firstTextOnly: false },
  releasedPrompts: { releasedPrompts: true },
};

/**
 * The switches named on the command line.
 * @throws MaskloomError OPTION_INVALID naming the nearest
 */
export function readSwitches(
  names: readonly string[] = [],
  answers?: EvalSwitches['answers'],
): Partial<EvalSwitches> {
  const chosen = names.map((name) => {
    const found = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
    if (found !== undefined) return found;
    throw new MaskloomError('OPTION_INVALID', `There is no switch '${name}'.`, {
      where: '--switches',
      hint: suggest(name, Object.keys(NAMED)),
    });
  });
  return Object.assign({}, ...chosen, answers === undefined ? {} : { answers }) as Partial<EvalSwitches>;
}

/** @throws MaskloomError OPTION_INVALID */
export function parseAnswers(text: string): EvalSwitches['answers'] {
  if (text === 'generated' || text === 'teacher-forced') return text;
  throw new MaskloomError('OPTION_INVALID', `There are no '${text}' answers.`, {
    where: '--answers',
    hint: 'Valid: generated, teacher-forced.',
  });
}
