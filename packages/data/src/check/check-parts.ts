import { decodeMask, maskArea, maskBox, mergeMasks } from '@maskloom/core';
import { z } from 'zod';
import { annotationMask, type CocoInstances } from '../coco/coco.js';
import type { Findings } from './findings.js';
import { inside } from '../files/inside.js';
import { readJsonItems } from '../files/json-items.js';
import { openPanopticPng } from '../files/label-image.js';
import { drawnPicture } from '../files/picture-sizes.js';
import { readReasonSeg } from '../reason/reason.js';
import { drawReasonShapes } from '../reason/reason-mask.js';
import { readRefs } from '../refer/refer.js';
import { validate } from '../files/validate.js';

/** Every picture exists and has its stated size; every mask has its stated area and box. */
export async function checkInstances(
  instances: CocoInstances,
  images: string,
  findings: Findings,
): Promise<void> {
  const { file } = instances;
  for (const image of instances.images.values()) {
    if (findings.full) return;
    await findings.attempt(async () => {
      const path = inside(images, image.file_name, file, `image ${image.id}.file_name`);
      await drawnPicture(path, image, 'stored');
      findings.count('images');
    });
  }
  for (const annotation of instances.annotations.values()) {
    if (findings.full) return;
    await findings.attempt(async () => {
      const image = instances.images.get(annotation.image_id);
      if (!image) return;
      const mask = annotationMask(annotation, image, file);
      findings.count('annotations');
      if (Array.isArray(annotation.segmentation)) return; // areas of polygons are stated before rasterising
      const where = `${file}: annotation ${annotation.id}`;
      if (annotation.area !== undefined && maskArea(mask) !== annotation.area)
        findings.problem(`${where}.area`, `the mask has ${maskArea(mask)} pixels, not ${annotation.area}`);
      const box = maskBox(mask);
      const stated = annotation.bbox ?? box;
      if (box.some((value, i) => value !== stated[i]))
        findings.problem(`${where}.bbox`, `the mask's box is ${box.join(', ')}`);
    });
  }
}

const panopticSchema = z.object({
  image_id: z.number().int().nonnegative(),
  file_name: z.string(),
  segments_info: z.array(
    z.object({
      id: z.number().int().positive(),
      category_id: z.number().int().nonnegative(),
      area: z.number().nonnegative(),
    }),
  ),
});

/** Every panoptic picture holds exactly the listed segments with their areas, in its image's size. */
export async function checkPanoptic(
  file: string,
  folder: string,
  things: CocoInstances | undefined,
  findings: Findings,
): Promise<void> {
  await findings.attempt(async () => {
    for await (const { index, value } of readJsonItems(file, 'annotations')) {
      if (findings.full) return;
      const record = validate(panopticSchema, value, file, `annotations[${index}]`);
      const path = inside(folder, record.file_name, file, `annotations[${index}].file_name`);
      const { width, height, each } = await openPanopticPng(path);
      const areas = new Map<number, number>();
      each((ids) => {
        for (let from = 0, x = 1; x <= width; x++) {
          const id = ids[from] as number;
          if (x < width && ids[x] === id) continue;
          areas.set(id, (areas.get(id) ?? 0) + x - from);
          from = x;
        }
      });
      for (const { id, area } of record.segments_info) {
        if (areas.get(id) !== area)
          findings.problem(
            `${path}: segment ${id}`,
            `${areas.get(id) ?? 0} pixels in the picture, ${area} listed`,
          );
        areas.delete(id);
      }
      areas.delete(0);
      for (const id of areas.keys())
        findings.problem(`${path}: segment ${id}`, 'in the picture, not in the list');
      const image = things?.images.get(record.image_id);
      if (image && (image.width !== width || image.height !== height))
        findings.problem(path, `it is ${width} x ${height}, its image ${image.width} x ${image.height}`);
      findings.count('panoptic pictures');
    }
  });
}

/** Every ref points to an annotation of its image; a false premise is no true expression of the same image. */
export async function checkRefs(file: string, all: CocoInstances, findings: Findings): Promise<void> {
  await findings.attempt(async () => {
    const truths = new Map<number, Set<string>>();
    const lies: [number, string, number][] = [];
    for await (const ref of readRefs(file)) {
      if (findings.full) return;
      const annotation = all.annotations.get(ref.annId);
      if (annotation?.image_id !== ref.imageId)
        findings.problem(
          `${file}: ref ${ref.refId}.ann_id`,
          `image ${ref.imageId} has no annotation ${ref.annId}`,
        );
      if (ref.wordless > 0)
        findings.problem(`${file}: ref ${ref.refId}.sentences`, `${ref.wordless} have no words`);
      else if (ref.sentences.length === 0)
        findings.problem(`${file}: ref ${ref.refId}.sentences`, 'there are none');
      const said = truths.get(ref.imageId) ?? new Set<string>();
      truths.set(ref.imageId, said);
      for (const sentence of ref.sentences) {
        findings.count(sentence.present ? 'expressions' : 'false premises');
        if (sentence.present) said.add(sentence.text);
        else lies.push([ref.imageId, sentence.text, sentence.sentId]);
      }
    }
    for (const [image, text, id] of lies) {
      if (truths.get(image)?.has(text))
        findings.problem(
          `${file}: sentence ${id}`,
          `"${text}" is marked false, and true elsewhere in image ${image}`,
        );
    }
  });
}

/** Every record has its picture; outlines give the masks of the named annotations. */
export async function checkReason(
  folder: string,
  all: CocoInstances | undefined,
  findings: Findings,
): Promise<void> {
  await findings.attempt(async () => {
    for await (const sample of readReasonSeg(folder)) {
      if (findings.full) return;
      findings.count('reasoning questions');
      const { width, height } = (await drawnPicture(sample.imagePath, undefined, 'shown')).size;
      const drawn = drawReasonShapes(sample.shapes, width, height);
      const named = sample.annIds.map((id) => all?.annotations.get(id));
      if (!all || named.length === 0) continue;
      const masks = named.flatMap((annotation) => {
        const image = annotation && all.images.get(annotation.image_id);
        return annotation && image ? [annotationMask(annotation, image, all.file)] : [];
      });
      if (masks.length < named.length) {
        findings.problem(`${sample.jsonPath}: ann_ids`, `not all of ${sample.annIds.join(', ')} exist`);
        continue;
      }
      const truth = decodeMask(mergeMasks(masks)).pixels;
      if (truth.length !== drawn.length || truth.some((bit, p) => bit !== drawn[p])) {
        findings.problem(
          `${sample.jsonPath}: shapes`,
          'the outlines do not give the mask of the named annotations',
        );
      }
    }
  });
}

const captionSchema = z.object({
  image_id: z.number().int().nonnegative(),
  caption: z.string().min(1),
  counts: z.array(z.object({ noun: z.string().min(1), count: z.number().int().nonnegative() })),
  qa: z.array(z.object({ question: z.string().endsWith('?'), answer: z.string().min(1) })),
});

/** Every caption belongs to an image. */
export async function checkCaptions(
  file: string,
  things: CocoInstances | undefined,
  findings: Findings,
): Promise<void> {
  await findings.attempt(async () => {
    for await (const { index, value } of readJsonItems(file)) {
      if (findings.full) return;
      const record = validate(captionSchema, value, file, `[${index}]`);
      if (things && !things.images.has(record.image_id))
        findings.problem(`${file}: [${index}].image_id`, `there is no image ${record.image_id}`);
      findings.count('captions');
    }
  });
}
