import { mergeMasks, type Pipeline } from '@maskloom/core';
import { ReferringScores, type PredictedMask } from '../metrics/referring-scores.js';
import type { BootstrapOptions } from '../metrics/intervals.js';
import type { Figure } from '../metrics/tally.js';
import type { ReferringQuery } from '../data/referring.js';
import { inParallel } from './in-parallel.js';
import type { AskOptions, LoadedScene, Scorer } from './score.js';

/**
 * Referring expressions and false premises, see {@link ReferringScores}. A prediction is the union of the answer's
 * masks. A text that stands in both files is asked once: answers are greedy, so equal questions have equal answers.
 */
export class ReferringScorer implements Scorer {
  readonly #scores = new ReferringScores();

  async add(pipeline: Pipeline, scene: LoadedScene, options: AskOptions): Promise<number> {
    const { id, frame, expressions, premises } = scene;
    const texts = [...new Set([...expressions, ...premises].map((query) => query.text))];
    const { cache, signal, concurrency } = options;
    const masks = await inParallel(texts, concurrency, async (text): Promise<PredictedMask> => {
      const request = { task: 'referring', text } as const;
      const { segments } = await pipeline.segment(frame, request, { cache, signal });
      return segments.length === 0 ? undefined : mergeMasks(segments.map((segment) => segment.mask));
    });
    const answers = new Map(texts.map((text, i) => [text, masks[i]]));
    const predict = ({ text }: ReferringQuery): PredictedMask => answers.get(text);
    this.#scores.addExpressions(id, expressions, predict);
    this.#scores.addPremises(id, premises, predict);
    return texts.length;
  }

  figures(options?: BootstrapOptions): Record<string, Figure> {
    return this.#scores.figures(options);
  }
}
