import { maskIou } from '@maskloom/core';
import { cocoApMeasure, RatioCounter, shareMeasure, type RatioSums } from '@maskloom/metrics';
import type { EvalScene, SceneSetHead } from '../runner/scenes/scene.js';
import { keptAnswer } from './ask-texts.js';
import type { KeptSegment, Protocol } from './protocol.js';

/** From which IoU on a region found is the one that it overlaps most. */
const MATCHED = 0.5;

const places = cocoApMeasure({ categories: [{ id: 1, name: 'anything' }] });
const names = shareMeasure('names');

/**
 * Where things and stuff are, whatever they are called, in an answer to the free task: `AP50` and the other figures of average
 * precision over one class; `exact name`: of the regions matched (greedily by score, IoU from 0.5) the share that is called
 * exactly as the truth is; `recall`: the share of true regions that are matched.
 */
export const anyName: Protocol = {
  name: 'any-name',
  version: 1,
  summary: 'Everything, names aside; and of what is found the share that is called exactly as it should be.',
  task: 'free',
  headline: 'AP50',
  measures: () => [places, names],
  applies: ({ segments }) => segments.length > 0,
  async ask({ pipeline, frame, scene, head, cache }) {
    const answer = await pipeline.segment(frame, { task: 'free' }, { cache });
    const found = answer.segments.filter(({ area }) => area > 0);
    const truths = truthOf(scene, head);
    const part = places.count({
      width: scene.width,
      height: scene.height,
      detections: found.map(({ score, mask }) => ({ categoryId: 1, score, mask })),
      truths: truths.map(({ mask }) => ({ categoryId: 1, mask })),
    });
    return {
      parts: { 'coco-ap': part as never, names: countNames(found, truths) },
      answers: [keptAnswer('any-name', answer)],
    };
  },
  truths: (scene, head) => [truthOf(scene, head)],
};

/** Each region found, by falling score, takes the free true one that it overlaps most. */
function countNames(found: readonly KeptSegment[], truths: readonly KeptSegment[]): RatioSums {
  const sums = new RatioCounter();
  const free = new Set(truths);
  for (const { label, mask } of found.toSorted((a, b) => b.score - a.score)) {
    const [best] = [...free]
      .map((truth) => ({ truth, iou: maskIou(mask, truth.mask) }))
      .filter(({ iou }) => iou >= MATCHED)
      .sort((a, b) => b.iou - a.iou);
    if (best === undefined) continue;
    free.delete(best.truth);
    sums.add('exact name', label === best.truth.label ? 1 : 0, 1);
  }
  for (const truth of truths) sums.add('recall', free.has(truth) ? 0 : 1, 1);
  return sums.sums();
}

function truthOf({ segments }: EvalScene, { categories }: SceneSetHead): readonly KeptSegment[] {
  const called = new Map(categories.map(({ id, name }) => [id, name]));
  return segments.flatMap(({ categoryId, mask, crowd = false }) => {
    const label = called.get(categoryId);
    return label === undefined || crowd ? [] : [{ label, score: 1, mask }];
  });
}
