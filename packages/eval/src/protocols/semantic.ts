import { MaskloomError, type Task } from '@maskloom/core';
import { paintClasses } from '@maskloom/metrics';
import { semanticMeasure } from '@maskloom/metrics';
import type { ConfusionPart, Measure } from '@maskloom/metrics';
import type { EvalScene, SceneSetHead } from '../runner/scenes/scene.js';
import { keptAnswer } from './ask-texts.js';
import { exactNames, mapNames } from './map-names.js';
import { inventedClasses, listedClasses, type ClassSystem } from './class-systems.js';
import { groupIouMeasure } from './group-iou.js';
import type { KeptAnswer, Protocol, ProtocolResult } from './protocol.js';
import { refined } from './refined.js';

/** Truth value of pixels that belong to no class. */
const VOID = -1;

interface SemanticKind {
  readonly name: string;
  readonly summary: string;
  /** Whether the recipe is told the classes; otherwise it writes names, and those that are no class count as none. */
  readonly told: boolean;
  /** What is asked; `semantic` when absent. */
  readonly task?: Task;
  readonly system: (head: SceneSetHead) => ClassSystem;
  /** Groups of classes that get a mean of their own. */
  readonly groups?: (head: SceneSetHead) => Readonly<Record<string, readonly string[]>>;
}

function semanticProtocol(kind: SemanticKind): Protocol {
  const { name, summary, told, system, groups, task = 'semantic' } = kind;
  const measures = (head: SceneSetHead): readonly Measure<never>[] => {
    const { classes } = system(head);
    const whole = semanticMeasure({ classes, ignoreIndex: VOID });
    return groups === undefined ? [whole] : [whole, groupIouMeasure({ classes, groups: groups(head) })];
  };
  const count = (answer: Named, scene: EvalScene, head: SceneSetHead): ProtocolResult['parts'] => {
    const part = countPixels(answer, scene, system(head));
    return { semantic: part, ...(groups === undefined ? {} : { 'group-iou': part }) };
  };
  return {
    name,
    version: 2,
    summary,
    task,
    headline: 'mIoU',
    ...(told ? {} : { freeNames: true as const }),
    measures,
    applies: ({ segments }) => segments.length > 0,
    async ask(context) {
      const { pipeline, frame, scene, head, cache } = context;
      const { classes } = system(head);
      if (classes.length === 0)
        throw new MaskloomError('DATA_INVALID', `The data set has no classes for the protocol ${name}.`);
      const request = { task, ...(told ? { labels: classes } : {}) } as const;
      const found = await pipeline.segment(frame, request, { cache });
      const truths = truthOf(scene, system(head));
      const answer = await refined(context, found, { kind: 'semantic', classes, truths });
      const kept = keptAnswer(name, answer, told ? undefined : await mapNames(answer, classes, context));
      return { parts: count(kept, scene, head), answers: [kept] };
    },
    recount: ([answer], scene, head) => count(answer ?? { segments: [] }, scene, head),
    truths: (scene, head) => [truthOf(scene, system(head))],
  };
}

type Named = Pick<KeptAnswer, 'segments' | 'mapping'>;

/** Pixels by true and found class, segments painted in their order; a name that is no class is none. */
function countPixels(
  { segments, mapping }: Named,
  { width, height, segments: there }: EvalScene,
  { classes, indexOf }: ClassSystem,
): ConfusionPart {
  const classOf = mapping ?? exactNames(segments, classes);
  const place = new Map(classes.map((label, i) => [label, i]));
  const painted = segments.map(({ label, mask }) => ({
    classIndex: place.get(classOf[label] ?? '') ?? VOID,
    mask,
  }));
  const truth = paintClasses(
    { segments: there.map((one) => ({ classIndex: indexOf(one), mask: one.mask })) },
    width,
    height,
  );
  const measure = semanticMeasure({ classes, ignoreIndex: VOID });
  return measure.count({ width, height, truth, prediction: { segments: painted } });
}

function truthOf(scene: EvalScene, { classes, indexOf }: ClassSystem) {
  return scene.segments.flatMap((segment) => {
    const label = classes[indexOf(segment)];
    return label === undefined ? [] : [{ label, score: 1, mask: segment.mask }];
  });
}

/** Every pixel by a given list of classes. */
export const semantic = semanticProtocol({
  name: 'semantic',
  summary: "Every pixel, by the data set's list of classes.",
  told: true,
  system: listedClasses,
});

/** Every pixel, without a list: a written name counts for the class that is called so. */
export const freeSemantic = semanticProtocol({
  name: 'free-semantic',
  summary:
    'Every pixel, named without a list; a name counts for the class that is called exactly so, or that a mapper says.',
  told: false,
  system: listedClasses,
});

/** The same on an answer to the free task, which no instruction about classes precedes. */
export const openSemantic = semanticProtocol({
  name: 'open-semantic',
  summary:
    'Every pixel, asked for nothing in particular; a name counts for the class that is called exactly so.',
  told: false,
  task: 'free',
  system: listedClasses,
});

/** Every pixel by the synthetic world's invented classes: `mIoU seen` and `mIoU unseen` for those held out of training. */
export const inventedSemantic = semanticProtocol({
  name: 'invented-semantic',
  summary: 'Every pixel, by classes with invented names, some of them held out of training.',
  told: true,
  system: inventedClasses,
  groups: (head) => {
    const { classes = [], unseen = [] } = head.invented ?? {};
    return { seen: classes.filter((name) => !unseen.includes(name)), unseen };
  },
});
