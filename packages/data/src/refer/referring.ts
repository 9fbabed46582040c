import type { RleMask } from '@maskloom/core';
import { join } from 'node:path';
import { annotationMask, readCocoInstances, type CocoImage, type CocoInstances } from '../coco/coco.js';
import { inside } from '../files/inside.js';
import { readRefs, type RefSentence } from './refer.js';
import { dataInvalid } from '../files/validate.js';

/** One thing to ask about an image. */
export interface ReferringQuery extends RefSentence {
  /** Annotation of the target; for a false premise, of the object the phrase was made from. */
  readonly annId: number;
  /** Category of that annotation. */
  readonly categoryId: number;
  /** The target's mask; `undefined` for a false premise. */
  readonly mask: RleMask | undefined;
}

/** An image with everything asked about it. */
export interface ReferringImage {
  /** Its record. */
  readonly image: CocoImage;
  /** Path of the image file. */
  readonly path: string;
  /** In the order of the file. */
  readonly queries: readonly ReferringQuery[];
}

/** Where the files of a referring data set are. */
export interface ReferringFiles {
  /** REFER or FP refs as JSON. */
  readonly refs: string;
  /** COCO instances that the refs' annotations are in. */
  readonly instances: string;
  /** Folder of the images. */
  readonly images: string;
}

/** The files of a folder that the synthetic world wrote: its true expressions, or those with false premises. */
export function syntheticReferring(folder: string, kind: 'refer' | 'fp'): ReferringFiles {
  return {
    refs: join(folder, kind, 'refs.json'),
    instances: join(folder, 'refer/instances.json'),
    images: join(folder, 'images'),
  };
}

/**
 * Reads a referring data set image by image, in the order of the images' first refs. Queries keep the order of the file.
 * @param split - see {@link readRefs}
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function* readReferring(files: ReferringFiles, split?: string): AsyncGenerator<ReferringImage> {
  const instances = await readCocoInstances(files.instances);
  const byImage = new Map<number, ReferringQuery[]>();
  for await (const ref of readRefs(files.refs, split)) {
    const mask = targetMask(ref.annId, ref.imageId, ref.refId, files, instances);
    const queries = byImage.get(ref.imageId) ?? [];
    byImage.set(ref.imageId, queries);
    for (const sentence of ref.sentences) {
      queries.push({
        ...sentence,
        annId: ref.annId,
        categoryId: ref.categoryId,
        mask: sentence.present ? mask : undefined,
      });
    }
  }
  for (const [id, queries] of byImage) {
    const image = instances.images.get(id) as CocoImage;
    yield {
      image,
      path: inside(files.images, image.file_name, files.instances, `image ${id}.file_name`),
      queries,
    };
  }
}

function targetMask(
  annId: number,
  imageId: number,
  refId: number,
  files: ReferringFiles,
  instances: CocoInstances,
): RleMask {
  const annotation = instances.annotations.get(annId);
  if (annotation === undefined)
    throw dataInvalid(files.refs, `ref ${refId}.ann_id`, `there is no annotation ${annId}`);
  const image = instances.images.get(imageId);
  if (image === undefined)
    throw dataInvalid(files.refs, `ref ${refId}.image_id`, `there is no image ${imageId}`);
  if (annotation.image_id !== imageId) {
    throw dataInvalid(
      files.refs,
      `ref ${refId}.image_id`,
      `annotation ${annId} belongs to image ${annotation.image_id}`,
    );
  }
  return annotationMask(annotation, image, instances.file);
}
