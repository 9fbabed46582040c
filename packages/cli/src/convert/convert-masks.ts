import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { maskArea, maskBox, MaskloomError, placeFile } from '@maskloom/core';
import { labelsOf, saveMasks, type ExportResults, type MaskForm } from '@maskloom/data';
import { PREDICTIONS_SCHEMA, type Predictions } from '../output/predictions.js';
import { idsOf, readCocoNames } from './coco-names.js';
import { readResults, type ReadResultsOptions } from './read-results.js';

/** Masks to convert. */
export interface ConvertOptions extends ReadResultsOptions {
  /** A `predictions.json`, COCO results, COCO annotations, a labelme record or a folder of those. */
  readonly input: string;
  /** The forms to write; `predictions` is a `predictions.json`. */
  readonly to: readonly (MaskForm | 'predictions')[];
  /** The folder to write into. */
  readonly out: string;
  /** How far outlines may leave the pixel edges, in pixels; 0 when absent. */
  readonly tolerance?: number;
}

/**
 * Writes masks in other forms. With `coco`, images and classes have the ids of that file, and class numbers its order.
 * @returns paths of the files written
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID, MASK_INVALID, VALUE_INVALID, OPTION_INVALID, OUTPUT_UNWRITABLE, ABORTED
 */
export async function convertMasks(options: ConvertOptions): Promise<readonly string[]> {
  const { input, to, out, tolerance = 0, coco } = options;
  const results = await readResults(input, options);
  const names = coco === undefined ? undefined : await readCocoNames(coco, options.maxPixels);
  const forms = to.flatMap((form) => (form === 'predictions' ? [] : [form]));
  const written = await saveMasks(out, results, forms, {
    tolerance,
    labels: names === undefined ? labelsOf(results) : [...names.categories.values()].map(({ name }) => name),
    ...(names === undefined ? {} : { ids: idsOf(names) }),
  });
  return to.includes('predictions') ? [...written, placePredictions(out, results)] : written;
}

function placePredictions(out: string, results: readonly ExportResults[]): string {
  const file = join(out, 'predictions.json');
  try {
    mkdirSync(out, { recursive: true });
    placeFile(file, `${JSON.stringify(asPredictions(results), undefined, 1)}\n`);
  } catch (cause) {
    throw new MaskloomError('OUTPUT_UNWRITABLE', `The file cannot be written: ${(cause as Error).message}.`, {
      where: file,
      hint: 'Give another folder to --out.',
      cause,
    });
  }
  return file;
}

/** Masks that no pipeline of ours made, as predictions: the names of others stand as the system's. */
function asPredictions(results: readonly ExportResults[]): Predictions {
  const runs = results.flatMap(({ name, images }) => {
    const [system = name, recipe = 'masks'] = name.split('/');
    return images.map(({ path, width, height, segments }) => ({
      image: { path, width, height, sha256: '' },
      system,
      recipe,
      bundle: '',
      task: 'instance' as const,
      text: '',
      answer: '',
      segments: segments.map(({ label, score, mask }) => ({
        label,
        score,
        bbox: [...maskBox(mask)] as [number, number, number, number],
        area: maskArea(mask),
        segmentation: { size: [...mask.size] as [number, number], counts: mask.counts },
      })),
      stages: [],
      warnings: [],
    }));
  });
  return { schema: PREDICTIONS_SCHEMA, runs, failures: [], skipped: [] };
}
