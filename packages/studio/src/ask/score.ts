import {
  areaOfRuns,
  intersectionOfRuns,
  mergeMasks,
  runsOfRle,
  type Segment,
  type Task,
} from '@maskloom/core';
import { countPixels, queryIou } from '@maskloom/metrics';
import type { StudioQuestion } from '../pictures/example.js';
import type { Question } from './request-schema.js';

/** How an answer agrees with the truth of its picture. */
export interface AnswerScore {
  /**
   * The answer's part of gIoU, which is the mean over questions: the IoU of all its masks with the target, 1 when both are
   * empty (LISA, section 4.1). Absent where the question asks for no single region, or is not one that the truth answers.
   */
  readonly iou?: number;
  /** The mask that fits a true region best. */
  readonly best?: {
    /** Their IoU. */
    readonly iou: number;
    /** The true region's name, where there are several. */
    readonly with?: string;
  };
}

/** Tasks that ask for one region: gIoU counts their answers. */
const POINTED: ReadonlySet<Task> = new Set(['referring', 'reasoning']);

/** Whether a question is the one that the truth answers: in its words, with its labels and places; what they are called aside. */
export function isOwnQuestion({ ask }: StudioQuestion, question: Question): boolean {
  const plain = ({ text = '', labels = [], prompts = [] }: Question): string =>
    JSON.stringify([text.trim(), labels, prompts.map(({ label: _, ...place }) => place)]);
  return plain(ask) === plain(question);
}

/**
 * Compares an answer with what is true.
 * @param own - whether the truth answers this question, or only says what is in the picture
 * @throws MaskloomError MASK_INVALID when a mask has another size than the picture
 */
export function scoreOf(
  segments: readonly Segment[],
  truth: readonly Segment[],
  own: boolean,
  task: Task,
): AnswerScore {
  const union = (all: readonly Segment[]) =>
    all.length === 0 ? undefined : mergeMasks(all.map(({ mask }) => mask));
  const best = bestPair(segments, truth);
  return {
    ...(own && POINTED.has(task) ? { iou: queryIou(countPixels(union(segments), union(truth))) } : {}),
    ...(best === undefined ? {} : { best }),
  };
}

function bestPair(found: readonly Segment[], truth: readonly Segment[]): AnswerScore['best'] {
  const decoded = ({ mask, bbox, label }: Segment) => ({ runs: runsOfRle(mask, 'truth'), bbox, label });
  const regions = truth.map(decoded);
  let best: AnswerScore['best'];
  for (const { runs, bbox } of found.map(decoded)) {
    for (const region of regions) {
      const shared = meet(bbox, region.bbox) ? intersectionOfRuns(runs, region.runs) : 0;
      const union = areaOfRuns(runs) + areaOfRuns(region.runs) - shared;
      const iou = union === 0 ? 0 : shared / union;
      if (best === undefined || iou > best.iou)
        best = { iou, ...(truth.length > 1 ? { with: region.label } : {}) };
    }
  }
  return best;
}

/** Whether two boxes (x, y, width, height) share a pixel: most masks of a picture do not. */
function meet(one: Segment['bbox'], other: Segment['bbox']): boolean {
  return [0, 1].every(
    (axis) =>
      (one[axis] ?? 0) < (other[axis] ?? 0) + (other[axis + 2] ?? 0) &&
      (other[axis] ?? 0) < (one[axis] ?? 0) + (one[axis + 2] ?? 0),
  );
}
