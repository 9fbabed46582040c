import { throwIfAborted } from '@maskloom/core';
import { inside } from '../files/inside.js';
import { attempt } from '../files/problems.js';
import type { Dataset, DatasetClass, DatasetKind, DatasetSample, OpenOptions } from '../open/dataset.js';
import { classesOf, indexById, segmentOf } from './segments.js';
import { CocoStore } from './store.js';

/** Where a data set of COCO instances is. */
export interface InstancesFiles {
  /** The format's id. */
  readonly format: string;
  /** `instances` or `parts`. */
  readonly kind: DatasetKind;
  /** The folder that was opened. */
  readonly root: string;
  /** Which part of it. */
  readonly split: string | undefined;
  /** The COCO file. */
  readonly file: string;
  /** The folder that its `file_name`s are in. */
  readonly images: string;
  /** Makes classes say more than their name. */
  readonly describe?: (one: DatasetClass) => DatasetClass;
}

/**
 * Opens a COCO instances file: validated in one pass, annotations read again image by image.
 * @throws MaskloomError `DATA_NOT_FOUND`, `DATA_INVALID`, `ABORTED`
 */
export async function openInstances(files: InstancesFiles, options: OpenOptions): Promise<Dataset> {
  const { onProblem, signal } = options;
  const { format, kind, root, split, describe = (one) => one } = files;
  const store = await CocoStore.open(files.file, onProblem, signal);
  const classes = classesOf(store.categories.values()).map(describe);
  const classIndex = indexById(classes);
  async function* samples(): AsyncGenerator<DatasetSample> {
    for (const image of store.images.values()) {
      throwIfAborted(signal, `reading ${files.file}`);
      const sample = await attempt(onProblem, (): DatasetSample => ({
        id: image.name ?? String(image.id),
        path: inside(files.images, image.file_name, store.file, `image ${image.id}.file_name`),
        width: image.width,
        height: image.height,
        segments: async () => {
          const segments = [];
          for (const annotation of await store.ofImage(image.id)) {
            const segment = await attempt(onProblem, () =>
              segmentOf(annotation, image, store.file, classIndex),
            );
            if (segment !== undefined) segments.push(segment);
          }
          return segments;
        },
      }));
      if (sample !== undefined) yield sample;
    }
  }
  return {
    format,
    kind,
    root,
    split,
    drawn: options.drawn ?? 'stored',
    classes,
    notes: store.notes,
    samples,
  };
}
