import { mergeMasks, type Pipeline, type Prediction } from '@maskloom/core';
import { ReferringScores, type PredictedMask } from '@maskloom/metrics';
import type { BootstrapOptions } from '@maskloom/metrics';
import { countPixels } from '@maskloom/metrics';
import { queryIou } from '@maskloom/metrics';
import { swapPartners } from '@maskloom/metrics';
import { Tally, type Figure } from '@maskloom/metrics';
import type { ReferringQuery } from '@maskloom/data';
import { inParallel } from './in-parallel.js';
import type { AskOptions, LoadedScene, Scorer } from './score.js';

/**
 * Referring expressions and false premises, see {@link ReferringScores}. A prediction is the union of the answer's
 * masks. A text that stands in both files is asked once: answers are greedy, so equal questions have equal answers.
 *
 * For recipes trained on several targets also `several`: the first attribute or stuff expression and the next one with
 * another target are asked for at once ("a and b"); `several: two masks` is the share of answers with two, `several:
 * gIoU` the mean IoU of each target with the mask at its place.
 */
export class ReferringScorer implements Scorer {
  readonly #scores = new ReferringScores();
  readonly #several = new Tally();
  readonly #asksSeveral: boolean;

  /** @param asksSeveral - whether the recipe was trained on several targets per question */
  constructor(asksSeveral = false) {
    this.#asksSeveral = asksSeveral;
  }

  async add(pipeline: Pipeline, scene: LoadedScene, options: AskOptions): Promise<number> {
    const { id, frame, expressions, premises } = scene;
    const texts = [...new Set([...expressions, ...premises].map((query) => query.text))];
    const { cache, signal, concurrency } = options;
    const ask = (text: string): Promise<Prediction> =>
      pipeline.segment(frame, { task: 'referring', text }, { cache, signal });
    const masks = await inParallel(texts, concurrency, async (text): Promise<PredictedMask> => {
      const { segments } = await ask(text);
      return segments.length === 0 ? undefined : mergeMasks(segments.map((segment) => segment.mask));
    });
    const answers = new Map(texts.map((text, i) => [text, masks[i]]));
    const predict = ({ text }: ReferringQuery): PredictedMask => answers.get(text);
    this.#scores.addExpressions(id, expressions, predict);
    this.#scores.addPremises(id, premises, predict);
    const pair = this.#asksSeveral ? severalQuestion(expressions) : undefined;
    if (pair === undefined) return texts.length;
    const { segments } = await ask(pair.map(({ text }) => text).join(' and '));
    this.#several.add('several: two masks', id, segments.length === 2 ? 1 : 0, 1);
    pair.forEach(({ mask }, k) =>
      this.#several.add('several: gIoU', id, queryIou(countPixels(segments[k]?.mask, mask)), 1),
    );
    return texts.length + 1;
  }

  figures(options?: BootstrapOptions): Record<string, Figure> {
    return { ...this.#scores.figures(options), ...this.#several.figures(options) };
  }
}

function severalQuestion(expressions: readonly ReferringQuery[]): readonly ReferringQuery[] | undefined {
  const short = expressions.filter(({ kind }) => kind === 'attribute' || kind === 'stuff');
  const [first, second] = [short[0], short[swapPartners(short.map(({ annId }) => annId))[0] ?? -1]];
  return first === undefined || second === undefined ? undefined : [first, second];
}
