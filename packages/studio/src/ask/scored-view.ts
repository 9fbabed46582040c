import type { ImageFrame, Prediction } from '@maskloom/core';
import { viewResult, type ResultView, type ViewOptions } from '@maskloom/report';
import type { StudioQuestion } from '../pictures/example.js';
import type { Question } from './request-schema.js';
import { isOwnQuestion, scoreOf, type AnswerScore } from './score.js';

/** A result as the page shows it. */
export interface ScoredView {
  /** What the viewer paints, and what stands below. */
  readonly view: ResultView;
  /** How it agrees with the truth, where that is known. */
  readonly score?: AnswerScore;
}

/**
 * The view of a result, compared with the truth of the picture where it is known.
 * @param about - the picture's own question that was asked, or that was changed
 * @param question - what was asked
 */
export async function scoredView(
  image: ImageFrame,
  prediction: Prediction,
  about: StudioQuestion | undefined,
  question: Question,
  options: ViewOptions,
): Promise<ScoredView> {
  if (about?.truth === undefined) return { view: await viewResult(image, prediction, options) };
  const { truth, task } = about;
  const own = isOwnQuestion(about, question);
  const view = await viewResult(image, prediction, {
    ...options,
    ...(own ? { truth: { segments: truth } } : {}),
  });
  return { view, score: scoreOf(prediction.segments, truth, own, task) };
}
