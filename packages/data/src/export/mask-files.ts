import { relative, resolve, sep } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { cocoFile, cocoResults, type CocoIds } from './coco.js';
import { createNamer, safeName } from './file-names.js';
import type { MaskForm } from './forms.js';
import { maskFeatures } from './geojson.js';
import { LABEL_PICTURE_LIMIT, labelPicture, maskPicture } from './label-picture.js';
import { labelmeRecord } from './labelme.js';
import type { PolygonOptions } from './polygons.js';
import { checkSizes, type ExportImage, type ExportResults } from './results.js';
import { maskSvg } from './svg.js';
import { yoloLines } from './yolo.js';

/** How masks are written. */
export interface MaskFileOptions extends PolygonOptions {
  /** Names of all classes in the order of their numbers; those that occur, in their order, when absent. */
  readonly labels?: readonly string[];
  /** Ids of a COCO data set; images and classes are numbered from 1 when absent. */
  readonly ids?: CocoIds;
  /** The folder that the files will be in: labelme records name their image relative to theirs. */
  readonly folder: string;
}

/** A file to be written. */
export interface MaskFile {
  /** Relative, with `/`; safe on every file system. */
  readonly path: string;
  /** Text is UTF-8. */
  readonly content: string | Uint8Array;
}

/**
 * Results as the files of one form, one after the other: `FORM/NAME/IMAGE...`, where NAME is whose results they are. COCO
 * results are `coco/NAME.json` with `coco/images.json` beside; YOLO's class names are in `yolo/classes.txt`. Classes are
 * numbered alike in all of them: from 0 for YOLO, from 1 elsewhere.
 * @throws MaskloomError `MASK_INVALID`, `VALUE_INVALID` for an image with more masks than its form holds
 */
export async function* maskFiles(
  results: readonly ExportResults[],
  form: MaskForm,
  options: MaskFileOptions,
): AsyncGenerator<MaskFile> {
  const labels = options.labels ?? labelsOf(results);
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const numberOf = (label: string): number => numbers.get(label) ?? labels.length;
  const images = results.flatMap((one) => one.images);
  if (form === 'coco' || form === 'coco-annotations') {
    const ids = options.ids ?? countedIds(images, numberOf);
    const text = (value: unknown): string => `${JSON.stringify(value)}\n`;
    for (const { name, images: own } of results)
      yield {
        path: `${form}/${safeName(name, 'results')}.json`,
        content: text(form === 'coco' ? cocoResults(own, ids) : cocoFile(own, labels, ids, true)),
      };
    if (form === 'coco')
      yield { path: 'coco/images.json', content: text(cocoFile(images, labels, ids, false)) };
    return;
  }
  const nameOf = fileNames(results);
  for (const { name, images: own } of results) {
    for (const [i, image] of own.entries()) {
      const stem = `${form}/${safeName(name, 'results')}/${nameOf(name, i)}`;
      for await (const { path, content } of filesOfImage(image, form, stem, numberOf, options))
        yield { path, content };
    }
  }
  if (form === 'yolo')
    yield { path: 'yolo/classes.txt', content: labels.map((one) => `${oneLine(one)}\n`).join('') };
}

async function* filesOfImage(
  image: ExportImage,
  form: Exclude<MaskForm, 'coco' | 'coco-annotations'>,
  stem: string,
  numberOf: (label: string) => number,
  options: MaskFileOptions,
): AsyncGenerator<MaskFile> {
  const json = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`;
  switch (form) {
    case 'masks':
      checkSizes(image);
      for (const [i, { label, mask }] of image.segments.entries())
        yield { path: `${stem}/${i + 1}-${safeName(label, 'mask')}.png`, content: await maskPicture(mask) };
      return;
    case 'labels': {
      if (image.segments.length > LABEL_PICTURE_LIMIT) throw tooMany(image);
      const { png, legend } = await labelPicture(image);
      yield { path: `${stem}.png`, content: png };
      yield { path: `${stem}.json`, content: json(legend) };
      return;
    }
    case 'labelme': {
      const path = `${stem}.json`;
      const folder = resolve(options.folder, path, '..');
      const from = relative(folder, resolve(image.path)).replaceAll(sep, '/');
      yield { path, content: json(await labelmeRecord(image, from, options)) };
      return;
    }
    case 'geojson':
      yield { path: `${stem}.geojson`, content: `${JSON.stringify(maskFeatures(image, options))}\n` };
      return;
    case 'svg':
      yield { path: `${stem}.svg`, content: maskSvg(image, (label) => numberOf(label) + 1, options) };
      return;
    case 'yolo':
      yield { path: `${stem}.txt`, content: yoloLines(image, numberOf, options) };
  }
}

/** Labels in the order they first occur. */
export function labelsOf(results: readonly ExportResults[]): readonly string[] {
  const all = results.flatMap(({ images }) =>
    images.flatMap(({ segments }) => segments.map(({ label }) => label)),
  );
  return [...new Set(all)];
}

/** The same image has the same name in all results; one that comes twice has two. */
function fileNames(results: readonly ExportResults[]): (results: string, image: number) => string {
  const namer = createNamer();
  const known = new Map<string, string>();
  const names = new Map<string, readonly string[]>();
  for (const { name, images } of results) {
    const seen = new Map<string, number>();
    names.set(
      name,
      images.map(({ path }) => {
        const nth = (seen.get(path) ?? 0) + 1;
        seen.set(path, nth);
        const key = `${nth} ${path}`;
        const own = known.get(key) ?? namer(path);
        known.set(key, own);
        return own;
      }),
    );
  }
  return (name, image) => names.get(name)?.[image] ?? 'image';
}

/** Images by their order, classes by their number, from 1. */
function countedIds(images: readonly ExportImage[], numberOf: (label: string) => number): CocoIds {
  const places = new Map<string, number>();
  for (const { path } of images) if (!places.has(path)) places.set(path, places.size + 1);
  return { image: (path) => places.get(path) ?? 0, category: (label) => numberOf(label) + 1 };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function tooMany({ path, segments }: ExportImage): MaskloomError {
  return new MaskloomError(
    'VALUE_INVALID',
    `The image has ${segments.length} masks; a picture with a colour table holds ${LABEL_PICTURE_LIMIT}.`,
    { where: path, hint: "Write them as 'masks', one picture each." },
  );
}
