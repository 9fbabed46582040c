import { maskArea } from '@maskloom/core';
import { referringMeasure } from '@maskloom/metrics';
import { premiseQueries, type ScoredQuery } from '@maskloom/metrics';
import { RatioCounter, type RatioSums } from '@maskloom/metrics';
import { askTexts } from './ask-texts.js';
import type { KeptAnswer, Protocol } from './protocol.js';
import { referringSwitches } from './referring.js';
import { asQueries, truthOf, withParts } from './scene-phrases.js';

/**
 * Expressions of which some mean nothing in the image: `See`, `Segment cIoU`, and both by kind of phrase (`See attribute`,
 * `Segment cIoU attribute`, ...); `refused` and `empty mask`, the shares of answers of either kind, both of which say that
 * nothing is there. Always on answers that the system wrote: there is nothing to see in forced ones.
 */
export const premises: Protocol = {
  name: 'premises',
  version: 2,
  summary: 'Expressions that hold and expressions that do not, each asked by itself.',
  task: 'referring',
  headline: 'See',
  measures: (_, switches) => [referringMeasure({ ...referringSwitches(switches), answers: 'generated' })],
  applies: ({ premises: phrases = [] }) => phrases.length > 0,
  async ask(context) {
    const { scene, switches } = context;
    const phrases = scene.premises ?? [];
    const answers = await askTexts(
      context,
      'referring',
      phrases.map(({ text }) => text),
    );
    const asked = premiseQueries(asQueries(scene, phrases), ({ text }) => answers.mask(text)).map(
      (query) => ({
        ...query,
        // Columns of cIoU over all phrases of a kind, false ones included, are the kind's "Segment".
        columns: [`segment ${query.kind ?? 'other'}`],
      }),
    );
    const queries = withParts(asked, phrases, switches);
    const measure = referringMeasure({ ...referringSwitches(switches), answers: 'generated' });
    const kept = phrases.map(({ text }) => answers.kept(text));
    const parts = { referring: { ...measure.count({ queries }), ...seeByKind(queries), ...outcomes(kept) } };
    return { parts, answers: kept };
  },
  truths: (scene) =>
    (scene.premises ?? []).map((phrase) => {
      const mask = truthOf(scene, phrase);
      return mask === undefined ? [] : [{ label: phrase.text, score: 1, mask }];
    }),
};

/** The shares of answers without a mask, apart: the system refused, or it answered and its mask is empty. */
function outcomes(answers: readonly KeptAnswer[]): RatioSums {
  const sums = new RatioCounter();
  for (const { outcome } of answers) {
    sums.add('refused', outcome === 'refused' ? 1 : 0, 1);
    sums.add('empty mask', outcome === 'empty' ? 1 : 0, 1);
  }
  return sums.sums();
}

/** `See` of each kind of phrase, true and false ones together. */
function seeByKind(queries: readonly ScoredQuery[]): RatioSums {
  const sums = new RatioCounter();
  for (const { prediction, present, kind } of queries) {
    const said = prediction !== undefined && maskArea(prediction) > 0;
    sums.add(`See ${kind ?? 'other'}`, said === present ? 1 : 0, 1);
  }
  return sums.sums();
}
