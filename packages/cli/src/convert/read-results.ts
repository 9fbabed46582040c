import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { MaskloomError, masksOfSegmentation, mergeMasks } from '@maskloom/core';
import {
  annotationMask,
  inside,
  openDataset,
  readCocoInstances,
  type CocoInstances,
  type ExportImage,
  type ExportResults,
  type ExportSegment,
} from '@maskloom/data';
import { z } from 'zod';
import { resultsOfRuns } from '../output/mask-results.js';
import { parsePredictions, readJson } from '../output/read-predictions.js';
import { readCocoNames } from './coco-names.js';

/** Where masks are read from. */
export interface ReadResultsOptions {
  /** A COCO file that says which images and classes the numbers of COCO results are. */
  readonly coco?: string;
  /** The folder of a COCO file's images; the file's own when absent. Paths only: images are not read. */
  readonly images?: string;
  /** Largest width * height that a record of an image states, or a labelme record's picture has; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** Takes what is wrong with single records, which are left out. */
  readonly onProblem?: (error: MaskloomError) => void;
  /** Stops reading. */
  readonly signal?: AbortSignal;
}

const cocoResultSchema = z.array(
  z.object({
    image_id: z.int(),
    category_id: z.int(),
    score: z.number(),
    segmentation: z.union([
      z.object({
        size: z.tuple([z.int().positive(), z.int().positive()]),
        counts: z.union([z.string(), z.array(z.int().nonnegative())]),
      }),
      z.array(z.array(z.number()).min(6)),
    ]),
  }),
);

/**
 * Reads masks in the form that they are found in: a `predictions.json`, COCO results, COCO annotations, a labelme record or a
 * folder of such.
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID, MASK_INVALID, OPTION_INVALID, ABORTED
 */
export async function readResults(
  input: string,
  options: ReadResultsOptions = {},
): Promise<readonly ExportResults[]> {
  const found = await stat(input).catch(() => undefined);
  if (found?.isDirectory() === true) return readLabelme(input, undefined, options);
  const value = await readJson(input);
  if (Array.isArray(value)) return readCocoResults(value, input, options);
  const record = typeof value === 'object' && value !== null ? value : {};
  if ('schema' in record) return resultsOfRuns(parsePredictions(value, input).runs);
  if ('shapes' in record) return readLabelme(dirname(input), basename(input, extname(input)), options);
  if ('annotations' in record) return readCoco(input, options);
  throw new MaskloomError('DATA_INVALID', 'It is not known what masks this file holds.', {
    where: input,
    hint: 'Give a predictions.json, COCO results, COCO annotations, a labelme record or a folder of those.',
  });
}

async function readLabelme(
  folder: string,
  only: string | undefined,
  { onProblem, signal, maxPixels }: ReadResultsOptions,
): Promise<readonly ExportResults[]> {
  // Of one record, what is wrong with its neighbours does not matter.
  const report = onProblem ?? (only === undefined ? undefined : () => undefined);
  const data = await openDataset('labelme', folder, { onProblem: report, signal, maxPixels });
  const images: ExportImage[] = [];
  for await (const { id, path, width, height, segments } of data.samples()) {
    if (only !== undefined && id !== only) continue;
    const found = (await segments?.()) ?? [];
    images.push({
      path,
      width,
      height,
      segments: found.map(({ classIndex, mask }) => ({
        label: data.classes[classIndex]?.name ?? '',
        score: 1,
        mask,
      })),
    });
  }
  if (only !== undefined && images.length === 0)
    throw new MaskloomError('DATA_INVALID', 'The labelme record cannot be read.', {
      where: join(folder, `${only}.json`),
      hint: 'Run `maskloom data check --format labelme` on its folder.',
    });
  return [{ name: 'labelme', images }];
}

async function readCoco(file: string, options: ReadResultsOptions): Promise<readonly ExportResults[]> {
  const data = await readCocoInstances(file, undefined, options.maxPixels);
  const segments = new Map<number, ExportSegment[]>();
  for (const annotation of data.annotations.values()) {
    const image = data.images.get(annotation.image_id);
    const label = data.categories.get(annotation.category_id)?.name;
    if (image === undefined || label === undefined) continue;
    push(segments, image.id, { label, score: 1, mask: annotationMask(annotation, image, file) });
  }
  return [{ name: 'coco', images: imagesOf(data, segments, options) }];
}

async function readCocoResults(
  value: readonly unknown[],
  file: string,
  options: ReadResultsOptions,
): Promise<readonly ExportResults[]> {
  if (options.coco === undefined)
    throw new MaskloomError('OPTION_INVALID', 'COCO results name images and classes by numbers only.', {
      where: '--coco',
      hint: 'Give the COCO file with their names to --coco, e.g. instances_val2017.json.',
    });
  const parsed = cocoResultSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new MaskloomError(
      'DATA_INVALID',
      `COCO results are wrong: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'wrong form'}.`,
      { where: file },
    );
  }
  const names = await readCocoNames(options.coco, options.maxPixels);
  const segments = new Map<number, ExportSegment[]>();
  parsed.data.forEach(({ image_id, category_id, score, segmentation }, i) => {
    const image = names.images.get(image_id);
    const label = names.categories.get(category_id)?.name;
    if (image === undefined || label === undefined)
      throw new MaskloomError(
        'DATA_INVALID',
        image === undefined ? `There is no image ${image_id}.` : `There is no category ${category_id}.`,
        { where: `${file}: [${i}]`, hint: `Looked in ${names.file}.` },
      );
    const mask = mergeMasks(masksOfSegmentation(segmentation, image.width, image.height));
    push(segments, image_id, { label, score, mask });
  });
  return [{ name: basename(file, extname(file)), images: imagesOf(names, segments, options) }];
}

function imagesOf(
  { file, images }: CocoInstances,
  segments: ReadonlyMap<number, readonly ExportSegment[]>,
  options: ReadResultsOptions,
): readonly ExportImage[] {
  const folder = options.images ?? dirname(file);
  return [...images.values()].flatMap(({ id, file_name, width, height }) => {
    const own = segments.get(id);
    if (own === undefined) return [];
    const path = inside(folder, file_name, file, `image ${id}.file_name`);
    return [{ path, width, height, segments: own }];
  });
}

function push(all: Map<number, ExportSegment[]>, image: number, segment: ExportSegment): void {
  const list = all.get(image);
  if (list === undefined) all.set(image, [segment]);
  else list.push(segment);
}
