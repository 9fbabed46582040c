import { encodeLabels, type RleMask } from '@maskloom/core';
import type { Expression, FalseExpression, SegmentExpressions } from './expressions.js';
import type { Scene } from './scene.js';
import { SHAPES, STUFF, shapeCategory, stuffCategory } from './vocabulary.js';

/** Categories of the eight shapes. */
export const THING_CATEGORIES = SHAPES.map((name) => ({
  id: shapeCategory(name),
  name,
  supercategory: 'thing',
  isthing: 1,
}));
/** Categories of the six stuffs. */
export const STUFF_CATEGORIES = STUFF.map((name) => ({
  id: stuffCategory(name),
  name,
  supercategory: 'stuff',
  isthing: 0,
}));

/** Annotation id of a segment: scene seed x 32 + segment id, so it does not depend on the data set it is in. */
export function annotationId(seed: number, segment: number): number {
  return seed * 32 + segment;
}

/** File name of a scene's images: its seed in 8 digits. */
export function sceneFileName(seed: number): string {
  return `${String(seed).padStart(8, '0')}.png`;
}

/** Split of a scene by its seed: train below 8,000,000, val below 8,500,000, test from there on. */
export function splitOf(seed: number): 'train' | 'val' | 'test' {
  return seed < 8_000_000 ? 'train' : seed < 8_500_000 ? 'val' : 'test';
}

/** The COCO annotation records of a scene's things and stuff. */
export function annotationRecords(scene: Scene): { things: object[]; stuff: object[] } {
  const { seed } = scene;
  const masks = encodeLabels(scene.labels, scene.width, scene.height);
  const record = (
    id: number,
    category: number,
    bbox: readonly number[],
    area: number,
    more: object,
  ): object => {
    const segmentation: RleMask | undefined = masks.get(id);
    return {
      id: annotationId(seed, id),
      image_id: seed,
      category_id: category,
      bbox,
      area,
      iscrowd: 0,
      segmentation,
      ...more,
    };
  };
  return {
    things: scene.things.map(({ id, shape, colour, texture, size, invented, centre, bbox, area }) =>
      record(id, shapeCategory(shape), bbox, area, {
        attributes: { shape, colour, texture, size, invented, centre },
      }),
    ),
    stuff: scene.stuff.map(({ id, bbox, area }) => record(id, id, bbox, area, {})),
  };
}

/** The `segments_info` of a scene's panoptic annotation. */
export function panopticSegments(scene: Scene): object[] {
  return [
    ...scene.things.map((t) => ({
      id: t.id,
      category_id: shapeCategory(t.shape),
      area: t.area,
      bbox: t.bbox,
      iscrowd: 0,
    })),
    ...scene.stuff.map((s) => ({ id: s.id, category_id: s.id, area: s.area, bbox: s.bbox, iscrowd: 0 })),
  ];
}

/** The REFER record of a segment's true expressions. */
export function referRecord(scene: Scene, about: SegmentExpressions): object {
  return refRecord(
    scene,
    about,
    about.holding.map((e, k) => sentenceRecord(scene.seed, about.segment, k, e)),
  );
}

/** The FP-RefCOCO record of a segment: at most two true expressions and all false ones. */
export function falsePremiseRecord(scene: Scene, about: SegmentExpressions): object {
  const { holding, failing, segment } = about;
  const relation = holding.findIndex((e) => e.kind === 'relation');
  const shown = relation > 0 ? [0, relation] : holding.length > 1 ? [0, holding.length - 1] : [0];
  const sentences = shown.map((k) => {
    const expression = holding[k] as Expression;
    return {
      ...sentenceRecord(scene.seed, segment, k, expression),
      is_false_premise: false,
      gt_sent: expression.text,
    };
  });
  failing.forEach((expression: FalseExpression, k) => {
    sentences.push({
      ...sentenceRecord(scene.seed, segment, 12 + k, expression),
      is_false_premise: true,
      gt_sent: expression.instead,
    });
  });
  return refRecord(scene, about, sentences);
}

function refRecord(
  scene: Scene,
  about: SegmentExpressions,
  sentences: readonly { sent_id: number }[],
): object {
  const id = annotationId(scene.seed, about.segment);
  const thing = scene.things.find((t) => t.id === about.segment);
  return {
    ref_id: id,
    ann_id: id,
    image_id: scene.seed,
    category_id: thing ? shapeCategory(thing.shape) : about.segment,
    split: splitOf(scene.seed),
    file_name: sceneFileName(scene.seed),
    sent_ids: sentences.map((s) => s.sent_id),
    sentences,
  };
}

function sentenceRecord(
  seed: number,
  segment: number,
  k: number,
  expression: Expression,
): { sent_id: number } {
  const { text, kind, needsRelation, reference } = expression;
  return {
    sent_id: annotationId(seed, segment) * 16 + k,
    sent: text,
    raw: text,
    tokens: text.split(' '),
    kind,
    ...(needsRelation === undefined ? {} : { needs_relation: needsRelation }),
    ...(reference === undefined ? {} : { reference_ann_id: annotationId(seed, reference) }),
  } as { sent_id: number };
}
