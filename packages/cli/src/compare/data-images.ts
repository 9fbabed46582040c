import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodeLabel,
  maskArea,
  maskBox,
  throwIfAborted,
  type MaskloomError,
  type RleMask,
  type Segment,
  type Task,
} from '@maskloom/core';
import { openDataset, UNLABELLED, type Dataset, type DatasetKind, type DatasetSample } from '@maskloom/data';
import type { SkippedInput } from '../output/predictions.js';
import type { ComparedImage } from './compared-image.js';

/** The pictures of a data set to compare on. */
export interface ComparedData {
  /** The data set's folder. */
  readonly folder: string;
  /** Its form, as `data formats` lists them. */
  readonly format: string;
  /** Which part; the format's first choice when absent. */
  readonly split?: string;
  /** The first pictures only. */
  readonly limit?: number;
  /** What is asked; what the data set is for when absent. */
  readonly task?: Task;
  /** True refuses the first record that cannot be read; such are left out and named when absent. */
  readonly strict?: boolean;
}

/** What a data set gives to compare on. */
export interface DataImages {
  readonly images: readonly ComparedImage[];
  /** Records that could not be read. */
  readonly skipped: readonly SkippedInput[];
}

/** What pictures of a data set are asked when nothing else is said. */
const TASKS: Readonly<Record<DatasetKind, Task>> = {
  instances: 'free',
  panoptic: 'free',
  parts: 'free',
  semantic: 'semantic',
  referring: 'referring',
  reasoning: 'reasoning',
};

/**
 * The pictures of a data set with what is really in them: its questions one by one, each with its target, or of a data set of
 * segments or labels everything that has a class.
 * @param maxPixels - largest width * height of a picture; 100,000,000 when absent
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID, IMAGE_TOO_LARGE, OPTION_INVALID, ABORTED
 */
export async function dataImages(
  data: ComparedData,
  signal: AbortSignal,
  maxPixels?: number,
): Promise<DataImages> {
  const skipped: SkippedInput[] = [];
  const report = (error: MaskloomError): void => {
    skipped.push({ path: error.where ?? data.folder, reason: `${error.code}: ${error.message}` });
  };
  const opened = await openDataset(data.format, data.folder, {
    split: data.split,
    signal,
    maxPixels,
    onProblem: data.strict === true ? undefined : report,
  });
  const images: ComparedImage[] = [];
  let seen = 0;
  for await (const sample of opened.samples()) {
    if (seen++ === data.limit) break;
    throwIfAborted(signal, 'reading the data set');
    try {
      images.push(...(await sampleImages(sample, opened, data.task)));
    } catch (error) {
      if (data.strict === true || !isDataError(error)) throw error;
      report(error);
    }
  }
  return { images, skipped };
}

/**
 * What is to be asked about one picture of a data set, with what is really in it.
 * @param task - what is asked; what the data set is for when absent
 * @throws MaskloomError DATA_*, MASK_*
 */
export async function sampleImages(
  sample: DatasetSample,
  data: Dataset,
  task: Task = TASKS[data.kind],
): Promise<readonly ComparedImage[]> {
  const common = { path: sample.path, task, ...(isGenerated(data.root) ? {} : { dataset: data.format }) };
  if (sample.queries !== undefined) {
    return (await sample.queries()).map(({ text, mask }) => ({
      ...common,
      text,
      truth: { segments: mask === undefined ? [] : [segmentOf(text, mask)] },
    }));
  }
  const labels = data.classes.map(({ name }) => firstName(name));
  const named = { ...common, ...(task === 'semantic' || task === 'instance' ? { labels } : {}) };
  return [{ ...named, truth: { segments: await truthOf(sample, labels) } }];
}

async function truthOf(sample: DatasetSample, labels: readonly string[]): Promise<readonly Segment[]> {
  if (sample.segments !== undefined) {
    const segments = await sample.segments();
    return segments
      .filter(({ crowd }) => !crowd)
      .map(({ classIndex, mask }) => segmentOf(labels[classIndex] ?? '', mask));
  }
  if (sample.labels === undefined) return [];
  const { width, height, labels: map } = await sample.labels();
  return [...new Set(map)]
    .filter((value) => value !== UNLABELLED)
    .sort((a, b) => a - b)
    .map((value) => segmentOf(labels[value] ?? '', encodeLabel(map, width, height, value)));
}

/** Whether a folder was written by `data synth`: the bundle's own world. */
function isGenerated(root: string): boolean {
  return ['annotations/panoptic.json', 'fp/refs.json', 'refer/refs.json'].every((file) =>
    existsSync(join(root, file)),
  );
}

/** Files list several names of a class with `;` or `,` between them. */
function firstName(name: string): string {
  return name.split(/[;,]/)[0]?.trim() ?? name;
}

function segmentOf(label: string, mask: RleMask): Segment {
  return { label, score: 1, bbox: maskBox(mask), area: maskArea(mask), mask };
}

function isDataError(error: unknown): error is MaskloomError {
  return error instanceof Error && /^(?:DATA|MASK|IMAGE)_/.test((error as MaskloomError).code);
}
