import type { Task } from '@maskloom/core';
import { freeApMeasure } from '@maskloom/metrics';
import type { EvalScene, SceneSetHead } from '../runner/scenes/scene.js';
import { keptAnswer } from './ask-texts.js';
import { exactNames, mapNames } from './map-names.js';
import type { KeptSegment, Protocol } from './protocol.js';
import { refined } from './refined.js';

/** Which mapper counts names is part of the row, see `Overrides.mapper`. */
const MAPPER = "the row's";

const measure = (head: SceneSetHead) =>
  freeApMeasure({ labels: thingsOf(head).map(({ name }) => name), mapper: MAPPER });

/** Every thing, named without a list: `AP`, `AP50`, `AP75`, `AP <class>`, `mapped` (share of names that are a class). */
export const instances = instanceProtocol(
  'instances',
  'instance',
  'Every thing, named without a list; a name counts for the class that is called exactly so, or that a mapper says.',
);

/** The things in an answer to the free task, which no instruction about things precedes. */
export const openInstances = instanceProtocol(
  'open-instances',
  'free',
  'The things, asked for nothing in particular; a name counts for the class that is called exactly so, or that a mapper says.',
);

function instanceProtocol(name: string, task: Task, summary: string): Protocol {
  return {
    name,
    version: 2,
    summary,
    task,
    headline: 'AP50',
    freeNames: true,
    measures: (head) => [measure(head)],
    applies: ({ segments }) => segments.length > 0,
    async ask(context) {
      const { pipeline, frame, scene, head, cache } = context;
      const whole = await pipeline.segment(frame, { task }, { cache });
      const answer = await refined(context, whole, {
        kind: 'instance',
        classes: thingsOf(head).map(({ name }) => name),
        truths: truthOf(scene, head),
      });
      const things = new Map(thingsOf(head).map(({ id, name }) => [id, name]));
      const classes = head.categories.map(({ name }) => name);
      const mapping = await mapNames(answer, classes, context);
      const classOf = mapping ?? exactNames(answer.segments, classes);
      // Regions of stuff are no answer to a question for things, right or wrong.
      const stuff = new Set(head.categories.flatMap(({ isThing, name }) => (isThing ? [] : [name])));
      const found = answer.segments.filter(({ label, area }) => area > 0 && !stuff.has(classOf[label] ?? ''));
      const part = measure(head).count({
        width: scene.width,
        height: scene.height,
        detections: found.map(({ label, score, mask }) => ({ name: label, score, mask })),
        truths: scene.segments.flatMap(({ categoryId, mask, crowd = false }) => {
          const label = things.get(categoryId);
          return label === undefined ? [] : [{ label, mask, crowd }];
        }),
        mapping: classOf,
      });
      return {
        parts: { 'free-ap': part as never },
        answers: [keptAnswer(name, answer, mapping)],
      };
    },
    truths: (scene, head) => [truthOf(scene, head)],
  };
}

function truthOf(scene: EvalScene, head: SceneSetHead): readonly KeptSegment[] {
  const things = new Map(thingsOf(head).map(({ id, name }) => [id, name]));
  return scene.segments.flatMap(({ categoryId, mask }) => {
    const label = things.get(categoryId);
    return label === undefined ? [] : [{ label, score: 1, mask }];
  });
}

function thingsOf({ categories }: SceneSetHead): SceneSetHead['categories'] {
  return categories.filter(({ isThing }) => isThing);
}
