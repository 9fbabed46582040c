import { throwIfAborted } from '@maskloom/core';
import { readLabelFile, type LabelImage } from '../files/label-image.js';
import { mostFor } from '../files/limits.js';
import { drawnPicture } from '../files/picture-sizes.js';
import { attempt } from '../files/problems.js';
import { dataInvalid } from '../files/validate.js';
import { UNLABELLED } from '../open/dataset.js';
import type { Dataset, DatasetClass, DatasetSample, LabelMap, OpenOptions } from '../open/dataset.js';

/** One image of a semantic data set. */
export interface SemanticItem {
  /** Unique in the data set. */
  readonly id: string;
  /** Path of the image. */
  readonly image: string;
  /** Path of its label map. */
  readonly labels: string;
}

/** What a semantic data set is made of. */
export interface SemanticFiles {
  /** The format's id. */
  readonly format: string;
  /** The folder that was opened. */
  readonly root: string;
  /** Which part of it. */
  readonly split: string | undefined;
  /** Its classes. */
  readonly classes: readonly DatasetClass[];
  /** Its images, in a fixed order. */
  items(): AsyncIterable<SemanticItem> | Iterable<SemanticItem>;
  /** The class index of a value of a label map, {@link UNLABELLED}, or `undefined` when the format has no such value. */
  indexOf(value: number): number | undefined;
  /** Reads a label map of at most so many pixels; `readLabelFile` when absent. */
  read?(path: string, most: number): Promise<LabelImage>;
}

/** A semantic data set whose label maps are read when they are asked for. */
export function semanticDataset(
  files: SemanticFiles,
  { onProblem, signal, drawn = 'stored', maxPixels }: OpenOptions,
): Dataset {
  const { format, root, split, classes } = files;
  async function* samples(): AsyncGenerator<DatasetSample> {
    for await (const { id, image, labels } of files.items()) {
      throwIfAborted(signal, `reading ${root}`);
      const picture = await attempt(onProblem, () => drawnPicture(image, undefined, drawn, maxPixels));
      if (picture === undefined) continue;
      const { size } = picture;
      yield { id, path: image, ...size, labels: async () => labelMap(files, labels, size) };
    }
  }
  return { format, kind: 'semantic', root, split, drawn, classes, samples };
}

async function labelMap(
  files: SemanticFiles,
  path: string,
  size: { readonly width: number; readonly height: number },
): Promise<LabelMap> {
  const { width, height, labels } = await (files.read ?? readLabelFile)(path, mostFor(size));
  if (width !== size.width || height !== size.height)
    throw dataInvalid(path, 'size', `it is ${width} x ${height}, its image ${size.width} x ${size.height}`);
  const known = new Map<number, number>();
  const out = new Uint16Array(labels.length);
  for (let p = 0; p < out.length; p++) {
    const value = labels[p] as number;
    let index = known.get(value);
    if (index === undefined) {
      index = files.indexOf(value);
      if (index === undefined)
        throw dataInvalid(
          path,
          'labels',
          `the value ${value} at column ${p % width}, row ${Math.floor(p / width)} is none of ${files.format}`,
        );
      known.set(value, index);
    }
    out[p] = index;
  }
  return { width, height, labels: out };
}

/**
 * The rule of most label maps: values count from `first`, one value is left out.
 * @param count - number of classes
 * @param first - value of the first class
 * @param ignored - values that mean nothing
 */
export function counted(
  count: number,
  first: number,
  ignored: readonly number[],
): (value: number) => number | undefined {
  return (value) => {
    if (ignored.includes(value)) return UNLABELLED;
    const index = value - first;
    return index >= 0 && index < count ? index : undefined;
  };
}
