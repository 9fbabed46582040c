import { countPixels, queryIou, RatioCounter, shareMeasure, swapPartners } from '@maskloom/metrics';
import type { EvalScene, ScenePhrase } from '../runner/scenes/scene.js';
import { keptAnswer } from './ask-texts.js';
import type { Protocol } from './protocol.js';
import { truthOf } from './scene-phrases.js';

const measure = shareMeasure('two-targets');

/**
 * Two targets in one question, for recipes that are trained on several: the first attribute or stuff expression and the next one
 * with another target ("a and b"). `two masks`: the share of answers with two; `gIoU`: the mean IoU of each target with the
 * mask at its place.
 */
export const twoTargets: Protocol = {
  name: 'two-targets',
  version: 1,
  summary: 'Two expressions in one question, a mask for each in its place.',
  task: 'referring',
  headline: 'gIoU',
  measures: () => [measure],
  applies: (scene) => pairOf(scene) !== undefined,
  async ask({ pipeline, frame, scene, cache }) {
    const pair = pairOf(scene) ?? [];
    const text = pair.map((phrase) => phrase.text).join(' and ');
    const answer = await pipeline.segment(frame, { task: 'referring', text }, { cache });
    const sums = new RatioCounter();
    sums.add('two masks', answer.segments.length === 2 ? 1 : 0, 1);
    pair.forEach((phrase, k) =>
      sums.add('gIoU', queryIou(countPixels(answer.segments[k]?.mask, truthOf(scene, phrase))), 1),
    );
    return { parts: { 'two-targets': sums.sums() }, answers: [keptAnswer(text, answer)] };
  },
  truths: (scene) => [
    (pairOf(scene) ?? []).flatMap((phrase) => {
      const mask = truthOf(scene, phrase);
      return mask === undefined ? [] : [{ label: phrase.text, score: 1, mask }];
    }),
  ],
};

function pairOf({ expressions = [] }: EvalScene): readonly ScenePhrase[] | undefined {
  const short = expressions.filter(({ kind }) => kind === 'attribute' || kind === 'stuff');
  const [first, second] = [
    short[0],
    short[swapPartners(short.map(({ targets }) => targets[0] ?? -1))[0] ?? -1],
  ];
  return first === undefined || second === undefined ? undefined : [first, second];
}
