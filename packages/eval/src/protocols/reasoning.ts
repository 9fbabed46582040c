import type { RleMask } from '@maskloom/core';
import { referringMeasure } from '@maskloom/metrics';
import type { ScoredQuery } from '@maskloom/metrics';
import type { EvalScene } from '../runner/scenes/scene.js';
import { askTexts } from './ask-texts.js';
import { refinedAnswer } from './refined.js';
import type { EvalSwitches, Protocol } from './protocol.js';
import { forced, referringSwitches } from './referring.js';

interface Asked {
  readonly text: string;
  readonly textIndex: number;
  readonly isSentence: boolean;
  readonly query: Omit<ScoredQuery, 'prediction'>;
}

/**
 * Reasoning questions (ReasonSeg): `gIoU` and `cIoU` of `all`, `short` (phrases) and `long` (whole questions). Phrases are asked by
 * the weights' question `short`, whole questions by `long`, as LISA and READ do, where the weights have such.
 */
export const reasoning: Protocol = {
  name: 'reasoning',
  version: 3,
  summary: 'Questions whose answer takes reasoning, the first wording of each (or all).',
  task: 'reasoning',
  headline: 'gIoU all',
  canForce: true,
  helpers: { short: { question: 'short' }, long: { question: 'long' } },
  measures: (_, switches) => [referringMeasure(referringSwitches(switches))],
  applies: ({ questions = [] }) => questions.length > 0,
  async ask(context) {
    const { scene, switches } = context;
    const asked = wordings(scene, switches);
    const whole = new Set(asked.filter(({ isSentence }) => isSentence).map(({ text }) => text));
    const meant = new Map(asked.map(({ text, query: { truth } }) => [text, oneMask(truth)]));
    const answers = await askTexts(
      context,
      'reasoning',
      asked.map(({ text }) => text),
      {
        after: (answer, text) => refinedAnswer(context, answer, meant.get(text)),
        by: (text) => context.helpers[whole.has(text) ? 'long' : 'short'],
      },
    );
    const queries = asked.map(({ text, query }) =>
      forced({ ...query, prediction: answers.mask(text) }, switches),
    );
    return {
      parts: { referring: referringMeasure(referringSwitches(switches)).count({ queries }) },
      answers: asked.map(({ text }) => answers.kept(text)),
    };
  },
  truths: (scene, _, switches) =>
    wordings(scene, switches).map(({ text, query: { truth } }) =>
      truth !== undefined && 'counts' in truth ? [{ label: text, score: 1, mask: truth }] : [],
    ),
};

/** A truth in parts has no box of its own. */
function oneMask(truth: ScoredQuery['truth']): RleMask | undefined {
  return truth !== undefined && 'counts' in truth ? truth : undefined;
}

function wordings({ questions = [] }: EvalScene, { firstTextOnly }: EvalSwitches): readonly Asked[] {
  return questions.flatMap(({ texts, isSentence, mask, ignore }) =>
    texts.slice(0, firstTextOnly ? 1 : undefined).map((text, textIndex) => ({
      text,
      textIndex,
      isSentence,
      query: {
        truth: mask,
        textIndex,
        columns: ['all', isSentence ? 'long' : 'short'],
        ...(ignore === undefined ? {} : { ignore }),
      },
    })),
  );
}
