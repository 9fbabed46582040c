import {
  decodeMask,
  maskBox,
  type Box,
  type PointSet,
  type Position,
  type RleMask,
  type SpatialPrompt,
} from '@maskloom/core';
import { countPixels, queryIou, RatioCounter, shareMeasure } from '@maskloom/metrics';
import type { EvalScene, SceneSegment, SceneSetHead } from '../runner/scenes/scene.js';
import { keptAnswer } from './ask-texts.js';
import { innermostPoint } from './innermost-point.js';
import { drawnPixel } from './drawn-pixel.js';
import type { KeptAnswer, Protocol } from './protocol.js';

interface Target {
  readonly label: string;
  readonly isThing: boolean;
  readonly mask: RleMask;
  readonly box: Box<'ImagePx'>;
  readonly point: Position;
  readonly anyPoint: Position;
}

/** What shows a region, by the name of the figure. */
const SHOWN: Readonly<Record<string, (target: Target) => Omit<SpatialPrompt, 'label'>>> = {
  box: ({ box }) => ({ box }),
  point: ({ point }) => ({ points: pointSet(point) }),
  'random point': ({ anyPoint }) => ({ points: pointSet(anyPoint) }),
  'box and point': ({ box, point }) => ({ box, points: pointSet(point) }),
};

const measure = shareMeasure('prompted');

/**
 * Every true region, shown: `mIoU box`, by its tight box; `mIoU point`, by its innermost pixel (Kirillov et al. 2023, section
 * 7.1); `mIoU random point`, by a pixel drawn from it with a fixed seed; `mIoU box and point`; each of `all`, `things` and
 * `stuff`. An empty mask has IoU 0.
 */
export const prompted: Protocol = {
  name: 'prompted',
  version: 1,
  summary: 'Every region, shown by a box, a point or both.',
  task: 'prompted',
  headline: 'mIoU box all',
  measures: () => [measure],
  applies: ({ segments }) => segments.some(({ crowd }) => crowd !== true),
  async ask({ pipeline, frame, scene, head, cache }) {
    const targets = targetsOf(scene, head);
    const sums = new RatioCounter();
    const answers: KeptAnswer[] = [];
    for (const [kind, show] of Object.entries(SHOWN)) {
      const prompts = targets.map((target) => ({ label: target.label, ...show(target) }));
      const answer = await pipeline.segment(frame, { task: 'prompted', prompts }, { cache });
      const found = new Map(answer.segments.map((segment) => [segment.label, segment]));
      for (const { label, isThing, mask } of targets) {
        const iou = queryIou(countPixels(found.get(label)?.mask, mask));
        sums.add(`mIoU ${kind} all`, iou, 1);
        sums.add(`mIoU ${kind} ${isThing ? 'things' : 'stuff'}`, iou, 1);
      }
      answers.push(keptAnswer(kind, answer));
    }
    return { parts: { prompted: sums.sums() }, answers };
  },
  truths: (scene, head) => {
    const truth = targetsOf(scene, head).map(({ label, mask }) => ({ label, score: 1, mask }));
    return Object.keys(SHOWN).map(() => truth);
  },
};

function targetsOf({ segments, id }: EvalScene, { categories }: SceneSetHead): readonly Target[] {
  const things = new Set(categories.filter(({ isThing }) => isThing).map((one) => one.id));
  const shown = segments.filter(({ crowd }) => crowd !== true);
  return shown.map((segment) => targetOf(segment, String(id), things.has(segment.categoryId)));
}

function targetOf({ id, mask }: SceneSegment, image: string, isThing: boolean): Target {
  const { pixels, width, height } = decodeMask(mask);
  const [x, y, boxWidth, boxHeight] = maskBox(mask);
  return {
    label: String(id),
    isThing,
    mask,
    box: { frame: 'ImagePx', x, y, width: boxWidth, height: boxHeight },
    point: innermostPoint(pixels, width, height),
    anyPoint: drawnPixel(mask, `${image} ${id}`),
  };
}

function pointSet({ x, y }: Position): PointSet<'ImagePx'> {
  return { frame: 'ImagePx', xy: Float32Array.of(x, y), labels: Int8Array.of(1) };
}
