import { rleOfRuns } from '@maskloom/core';
import { referringMeasure } from '@maskloom/metrics';
import { expressionQueries, type ScoredQuery } from '@maskloom/metrics';
import type { ReferringQuery } from '@maskloom/data';
import type { SceneSetHead } from '../runner/scenes/scene.js';
import { askTexts } from './ask-texts.js';
import type { EvalSwitches, Protocol } from './protocol.js';
import { refinedAnswer } from './refined.js';
import { asQueries, truthOf, withParts } from './scene-phrases.js';

/**
 * Referring expressions that hold: `gIoU` and `cIoU` of `all`, of each kind of phrase, of `things` and `stuff`; `paired`
 * and `control` for the swapped-phrase control.
 */
export const referring: Protocol = {
  name: 'referring',
  version: 3,
  summary: 'Referring expressions that hold, each asked by itself.',
  task: 'referring',
  headline: 'gIoU all',
  canForce: true,
  measures: (_, switches) => [referringMeasure(referringSwitches(switches))],
  applies: ({ expressions = [] }) => expressions.length > 0,
  async ask(context) {
    const { scene, head, switches } = context;
    const phrases = scene.expressions ?? [];
    const meant = new Map(phrases.map((phrase) => [phrase.text, truthOf(scene, phrase)]));
    const answers = await askTexts(
      context,
      'referring',
      phrases.map(({ text }) => text),
      { after: (answer, text) => refinedAnswer(context, answer, meant.get(text)) },
    );
    const asked = asQueries(scene, phrases);
    const queries = [
      ...expressionQueries(asked, ({ text }) => answers.mask(text)),
      ...byTarget(asked, head, (text) => answers.mask(text)),
    ];
    const measure = referringMeasure(referringSwitches(switches));
    const scored = withParts(queries, phrases, switches).map((query) => forced(query, switches));
    const parts = { referring: measure.count({ queries: scored }) };
    return { parts, answers: phrases.map(({ text }) => answers.kept(text)) };
  },
  truths: (scene) =>
    (scene.expressions ?? []).map((phrase) => {
      const mask = truthOf(scene, phrase);
      return mask === undefined ? [] : [{ label: phrase.text, score: 1, mask }];
    }),
};

/** The switches of the referring measure among those of an evaluation. */
export function referringSwitches(switches: EvalSwitches): Omit<EvalSwitches, 'releasedPrompts'> {
  const { emptyUnionIsOne, referenceEpsilons, summedPolygons, firstTextOnly, answers } = switches;
  return { emptyUnionIsOne, referenceEpsilons, summedPolygons, firstTextOnly, answers };
}

/** With teacher forcing the pipeline itself was given its answer: what it gave is the forced answer. */
export function forced(query: ScoredQuery, { answers }: EvalSwitches): ScoredQuery {
  if (answers === 'generated') return query;
  const { prediction, truth } = query;
  const size = prediction ?? (truth !== undefined && 'counts' in truth ? truth : truth?.[0]);
  // No mask although the answer asks for one: an empty mask.
  const [height, width] = size?.size ?? [0, 0];
  const empty = size && rleOfRuns({ width, height, counts: Uint32Array.of(width * height) });
  return { ...query, forced: prediction ?? empty };
}

function byTarget(
  queries: readonly ReferringQuery[],
  { categories }: SceneSetHead,
  mask: (text: string) => ScoredQuery['prediction'],
): readonly ScoredQuery[] {
  const things = new Set(categories.filter(({ isThing }) => isThing).map(({ id }) => id));
  return queries.map((query) => ({
    prediction: mask(query.text),
    truth: query.mask,
    columns: [things.has(query.categoryId) ? 'things' : 'stuff targets'],
  }));
}
