import { MaskloomError, mergeMasks, rleOfRuns, suggest, throwIfAborted, type RleMask } from '@maskloom/core';
import { annotationParts, type CocoImage } from '../coco/coco.js';
import { classesOf } from '../coco/segments.js';
import { CocoStore } from '../coco/store.js';
import { inside } from '../files/inside.js';
import { attempt } from '../files/problems.js';
import { dataInvalid } from '../files/validate.js';
import type { Dataset, DatasetQuery, DatasetSample, OpenOptions } from '../open/dataset.js';
import { findRefer, type ReferPlaces } from './find-refer.js';
import { readRefs, splitFits, type Ref } from './refer.js';
import type { ReferLayout } from './refer-layouts.js';

/**
 * Opens a data set of the REFER family. A sample is an image with every expression of the split about it, in the order of
 * the file; images come in the order of their first refs. The image's name is the one in `instances.json` (the refs' own
 * carries an annotation suffix). An expression's mask is the union of its targets; without a target, or with a false
 * premise, it has none.
 */
export async function openRefer(root: string, options: OpenOptions, layout: ReferLayout): Promise<Dataset> {
  const { onProblem, signal } = options;
  const places = findRefer(root, layout, options.splitBy);
  const store = await CocoStore.open(places.instances, onProblem, signal);
  const { byImage, split } = await refsByImage(places, store, options);
  async function* samples(): AsyncGenerator<DatasetSample> {
    for (const [imageId, refs] of byImage) {
      throwIfAborted(signal, `reading ${places.refs}`);
      const image = store.images.get(imageId) as CocoImage;
      const sample = await attempt(onProblem, (): DatasetSample => {
        const wordless = refs
          .filter((ref) => ref.wordless > 0)
          .map((ref) => `${places.refs}: ref ${ref.refId} has sentences without words`);
        return {
          id: String(imageId),
          path: inside(places.images, image.file_name, places.instances, `image ${imageId}.file_name`),
          width: image.width,
          height: image.height,
          queries: async () => (await Promise.all(refs.map((ref) => queriesOf(ref, image, store)))).flat(),
          ...(wordless.length === 0 ? {} : { notes: wordless }),
        };
      });
      if (sample !== undefined) yield sample;
    }
  }
  const classes = classesOf(store.categories.values());
  return {
    format: layout.format,
    kind: 'referring',
    root,
    split,
    drawn: options.drawn ?? 'shown',
    classes,
    notes: store.notes,
    samples,
  };
}

interface Grouped {
  readonly byImage: ReadonlyMap<number, readonly Ref[]>;
  readonly split: string | undefined;
}

/** Without a split: `val` where there is one, else everything. */
async function refsByImage(places: ReferPlaces, store: CocoStore, options: OpenOptions): Promise<Grouped> {
  const { onProblem, signal } = options;
  const all: Ref[] = [];
  const splits = new Set<string>();
  for await (const ref of readRefs(places.refs, undefined, onProblem, signal)) {
    splits.add(ref.split);
    if (options.split === undefined || splitFits(ref.split, options.split)) all.push(ref);
  }
  const split = options.split ?? (splits.has('val') ? 'val' : undefined);
  const chosen = split === undefined ? all : all.filter((ref) => splitFits(ref.split, split));
  if (chosen.length === 0) {
    throw new MaskloomError('DATA_NOT_FOUND', `There are no refs of split '${split ?? 'val'}'.`, {
      where: places.refs,
      hint: suggest(split ?? 'val', splits),
    });
  }
  const byImage = new Map<number, Ref[]>();
  for (const ref of chosen) {
    await attempt(onProblem, () => {
      checkRef(ref, places, store);
      const refs = byImage.get(ref.imageId);
      if (refs === undefined) byImage.set(ref.imageId, [ref]);
      else refs.push(ref);
    });
  }
  return { byImage, split };
}

function checkRef(ref: Ref, { refs, instances }: ReferPlaces, store: CocoStore): void {
  if (!store.images.has(ref.imageId))
    throw dataInvalid(refs, `ref ${ref.refId}.image_id`, `${instances} has no image ${ref.imageId}`);
  const missing = ref.annIds.find((id) => store.imageOf(id) !== ref.imageId);
  if (missing === undefined) return;
  const owner = store.imageOf(missing);
  const why =
    owner === undefined
      ? `there is no annotation ${missing}`
      : `annotation ${missing} belongs to image ${owner}`;
  throw dataInvalid(refs, `ref ${ref.refId}.ann_id`, why);
}

async function queriesOf(ref: Ref, image: CocoImage, store: CocoStore): Promise<readonly DatasetQuery[]> {
  const annotations = await store.annotations(ref.annIds);
  const parts = annotations.flatMap((annotation) => annotationParts(annotation, image, store.file));
  const mask = parts.length === 0 ? emptyMask(image) : mergeMasks(parts);
  return ref.sentences.map((sentence) => ({
    ...sentence,
    id: `${ref.refId}/${sentence.sentId}`,
    texts: [sentence.text],
    isSentence: undefined,
    annId: ref.annId,
    annIds: sentence.present ? ref.annIds : [],
    categoryId: ref.categoryId,
    mask: sentence.present ? mask : undefined,
    parts: sentence.present ? parts : [],
    ignore: undefined,
    answer: undefined,
  }));
}

function emptyMask({ width, height }: CocoImage): RleMask {
  return rleOfRuns({ width, height, counts: Uint32Array.of(width * height) });
}
