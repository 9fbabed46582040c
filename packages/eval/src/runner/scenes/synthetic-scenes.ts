import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mergeMasks, type RleMask } from '@maskloom/core';
import { annotationMask, readCocoAnnotations, readReasonSeg, readRefs, type CocoImage } from '@maskloom/data';
import { VOCABULARY } from '@maskloom/synth';
import { imagesOf } from './coco-images.js';
import { GroupSpill } from './group-spill.js';
import type { EvalScene, ScenePhrase, SceneQuestion, SceneSegment, SceneSet } from './scene.js';

/** What to read of a folder of the synthetic world. */
export interface SyntheticScenesOptions {
  /** A folder that `writeSynth` wrote. */
  readonly folder: string;
  /** The first images only; all when absent. */
  readonly limit?: number | undefined;
  /** Invented classes that were held out of training; none when absent. */
  readonly unseen?: readonly string[];
  /** Where records wait until their image's turn; made and removed. */
  readonly scratch: string;
}

/**
 * Scenes of the synthetic world, from the files that it wrote in the formats of COCO, REFER and ReasonSeg. Memory does not
 * grow with their number (but for some bytes each).
 * @throws MaskloomError `DATA_NOT_FOUND`, or `DATA_INVALID` naming file and field
 */
export async function syntheticScenes(options: SyntheticScenesOptions): Promise<SceneSet> {
  const { folder } = options;
  const instances = join(folder, 'refer/instances.json');
  const { images, categories } = await imagesOf(instances);
  return {
    head: {
      root: folder,
      categories,
      invented: { classes: VOCABULARY.invented.map(({ name }) => name), unseen: options.unseen ?? [] },
      source: { format: 'synthetic world' },
    },
    scenes: read(options, instances, images.slice(0, options.limit)),
  };
}

async function* read(
  { folder, scratch }: SyntheticScenesOptions,
  instances: string,
  images: readonly CocoImage[],
): AsyncGenerator<EvalScene> {
  using segments = new GroupSpill<SceneSegment>(`${scratch}.segments`);
  using expressions = new GroupSpill<ScenePhrase>(`${scratch}.expressions`);
  using premises = new GroupSpill<ScenePhrase>(`${scratch}.premises`);
  using questions = new GroupSpill<SceneQuestion & { readonly annIds: readonly number[] }>(
    `${scratch}.questions`,
  );
  const wanted = new Map(images.map((image) => [image.id, image]));
  const imageOf = new Map<number, number>();
  for await (const annotation of readCocoAnnotations(instances)) {
    const image = wanted.get(annotation.image_id);
    if (image === undefined) continue;
    const invented = annotation.attributes?.['invented'];
    imageOf.set(annotation.id, image.id);
    segments.add(image.id, {
      id: annotation.id,
      categoryId: annotation.category_id,
      mask: annotationMask(annotation, image, instances),
      ...(annotation.iscrowd === 1 ? { crowd: true } : {}),
      ...(typeof invented === 'string' ? { invented } : {}),
    });
  }
  for (const [kind, spill] of [
    ['refer', expressions],
    ['fp', premises],
  ] as const) {
    for await (const ref of readRefs(join(folder, kind, 'refs.json'))) {
      if (!wanted.has(ref.imageId)) continue;
      for (const { text, present, kind: leans, needsRelation } of ref.sentences) {
        spill.add(ref.imageId, {
          text,
          present,
          targets: [ref.annId],
          ...(leans === undefined ? {} : { kind: leans }),
          ...(needsRelation === undefined ? {} : { needsRelation }),
        });
      }
    }
  }
  for (const split of ['train', 'val', 'test']) {
    const place = join(folder, 'reason', split);
    if (!existsSync(place)) continue;
    for await (const { texts, isSentence, annIds } of readReasonSeg(place)) {
      const image = imageOf.get(annIds[0] ?? -1);
      if (image !== undefined) questions.add(image, { texts, isSentence, annIds });
    }
  }
  for (const image of images) {
    const regions = segments.group(image.id);
    yield {
      id: image.id,
      image: join('images', image.file_name),
      width: image.width,
      height: image.height,
      segments: regions,
      expressions: expressions.group(image.id),
      premises: premises.group(image.id),
      questions: questions.group(image.id).map(({ annIds, ...question }) => ({
        ...question,
        mask: joined(regions.filter(({ id }) => annIds.includes(id)).map(({ mask }) => mask)),
      })),
    };
  }
}

function joined(masks: readonly RleMask[]): RleMask {
  return masks.length === 1 ? (masks[0] as RleMask) : mergeMasks(masks);
}
