import type { ImageFrame, Prediction, Segment, Task } from '@maskloom/core';
import { viewResult, type ClassColours, type ResultView, type ViewOptions } from '@maskloom/report';
import type { StudioQuestion } from '../pictures/example.js';
import { scoreOf, type AnswerScore } from './score.js';

/** What answers are seen beside: the truth, or what was answered before. */
export interface Reference {
  /** Which of the two. */
  readonly kind: 'truth' | 'recorded';
  /** As it is shown. */
  readonly title: string;
  /** For the viewer. */
  readonly view: ResultView;
  /** Of a recorded answer: how it agrees with the truth. */
  readonly score?: AnswerScore;
}

/** The truth of a question and its recorded answer, as far as there are such. */
export async function referencesOf(
  image: ImageFrame,
  { truth, answer, task }: StudioQuestion,
  classes: ClassColours,
): Promise<readonly Reference[]> {
  const shown: Reference[] = [];
  if (truth !== undefined)
    shown.push({
      kind: 'truth',
      title: truth.length === 0 ? 'truth: nothing here fits' : 'truth',
      view: await viewOf(image, truth, 'free', { classes }),
    });
  if (answer !== undefined)
    shown.push({
      kind: 'recorded',
      title: `${answer.by}, as recorded`,
      view: await viewOf(image, answer.segments, task, {
        classes,
        ...(truth === undefined ? {} : { truth: { segments: truth } }),
      }),
      ...(truth === undefined ? {} : { score: scoreOf(answer.segments, truth, true, task) }),
    });
  return shown;
}

function viewOf(
  image: ImageFrame,
  segments: readonly Segment[],
  task: Task,
  options: ViewOptions,
): Promise<ResultView> {
  const seen: Prediction = {
    ...{ system: '', recipe: '', answer: '', stages: [], warnings: [] },
    request: { task },
    segments,
  };
  return viewResult(image, seen, options);
}
